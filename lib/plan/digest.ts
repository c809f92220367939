import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { canonicalJson, digestOf } from "#lib/model/digest.ts";
import { type Estate, findCluster } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { closureOf } from "./closure.ts";

/** What an approval binds. */
export interface DigestInput {
  installation: string;
  /** `create`, `revoke`, … */
  kind: string;
  /** The grants as asked for, with times in absolute form. */
  grants: readonly Grant[];
  /** Of the workload's cluster: another of its name has another. Null leaves it out, as digests once did. */
  issuer: string | null;
  /** All that the workload's grants ask for when the request is carried out. */
  desired: readonly CloudResource[];
}

/** The issuer of the cluster that the grants are of, one for all; null where EKS has not told it. */
export function issuerOf(grants: readonly Grant[], estate: Estate): string | null {
  const [first] = grants;
  return (first && findCluster(estate, first.workload.cluster)?.issuer) ?? null;
}

/** The issuer that a version's digest is compared with: today's, where the version binds one at all. */
export function boundIssuer(
  version: { issuer: string | null },
  grants: readonly Grant[],
  estate: Estate,
): string | null {
  return version.issuer === null ? null : issuerOf(grants, estate);
}

interface Entry {
  kind: string;
  accountId: string;
  region: string;
  key: string;
  body: unknown;
}

/**
 * The digest that a review signs and the worker checks before every call: SHA-256 over the canonical JSON of the
 * request and of every resource that its grants own or need, present already or not. Verbs and foreign content are
 * left out, so that another team's statement or another grant in between voids nothing; whatever widens or
 * redirects this access changes it.
 */
export function planDigest(input: DigestInput): string {
  const ids = input.grants.map((grant) => grant.id);
  return digestOf({
    version: 1,
    installation: input.installation,
    kind: input.kind,
    grants: sorted(input.grants),
    ...(input.issuer === null ? {} : { issuer: input.issuer }),
    resources: entriesOf(closureOf(input.desired, ids)),
  });
}

/** Statements are digested with their role, not with the policy that happens to hold them. */
function entriesOf(resources: readonly CloudResource[]): Entry[] {
  const entries: Entry[] = [];
  const statements = new Map<string, { resource: CloudResource<"role-policy">; list: unknown[] }>();
  for (const resource of resources) {
    const { kind, accountId, region, key, body } = resource;
    if (resource.kind !== "role-policy") {
      entries.push({ kind, accountId, region, key, body });
      continue;
    }
    const role = key.split("#")[0] ?? key;
    const group = statements.get(role) ?? { resource, list: [] };
    group.list.push(...statementsOf(resource.body.document));
    statements.set(role, group);
  }
  for (const [role, { resource, list }] of statements)
    entries.push({
      kind: "role-statements",
      accountId: resource.accountId,
      region: resource.region,
      key: role,
      body: sorted(list),
    });
  return sorted(entries);
}

function sorted<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, text: canonicalJson(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item);
}
