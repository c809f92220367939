import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { GrantId } from "#lib/model/grant.ts";

/** The resources that the grants own, and those that these depend on, in the order given. */
export function closureOf(
  resources: readonly CloudResource[],
  grantIds: readonly GrantId[],
): CloudResource[] {
  const byKey = new Map(resources.map((resource) => [resource.key, resource]));
  const wanted = new Set<string>();
  const add = (key: string) => {
    const resource = byKey.get(key);
    if (!resource || wanted.has(key)) return;
    wanted.add(key);
    resource.dependsOn.forEach(add);
  };
  for (const resource of resources)
    if (resource.owners.some((owner) => grantIds.includes(owner))) add(resource.key);
  return resources.filter((resource) => wanted.has(resource.key));
}

/** By key, the first of each. What it depended on in any form goes after it. */
export function united(lists: readonly (readonly CloudResource[])[]): CloudResource[] {
  const found = new Map<string, CloudResource>();
  for (const resource of lists.flat()) {
    const first = found.get(resource.key);
    const dependsOn = [...new Set([...(first?.dependsOn ?? []), ...resource.dependsOn])];
    found.set(resource.key, { ...(first ?? resource), dependsOn });
  }
  return [...found.values()];
}
