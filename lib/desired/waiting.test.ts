import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { desiredResources } from "./desired-resources.ts";
import { everyPattern } from "./testing/every-pattern.ts";
import { estate } from "./testing/organisation.ts";

/** All that has to be done first. */
function needed(resources: readonly CloudResource[], key: string, found = new Set<string>()): Set<string> {
  for (const one of resources.find((resource) => resource.key === key)?.dependsOn ?? []) {
    if (found.has(one)) continue;
    found.add(one);
    needed(resources, one, found);
  }
  return found;
}

/** A trust policy that others have widened is written anew in the role's own step. */
describe.each(everyPattern)("$name", ({ asked }) => {
  const resources = desiredResources([asked], estate());
  const roles = resources.filter(({ kind }) => kind === "role").map(({ key }) => key);

  it("gives a role nothing before the role, and each that it is reached through, is as it should be", () => {
    for (const { kind, key, body } of resources) {
      if (kind === "role" || kind === "oidc-provider") continue;
      const text = `${key} ${JSON.stringify(body)}`;
      const named = roles.filter((role) => text.includes(role));
      expect(named.length).toBeGreaterThan(0);
      const first = needed(resources, key);
      for (const role of named) expect(first).toContain(role);
      for (const role of named)
        for (const through of needed(resources, role)) expect(first).toContain(through);
    }
  });
});
