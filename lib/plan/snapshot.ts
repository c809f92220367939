import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { ownStatements } from "#lib/policy/merge.ts";

/** Under this key the inventory's snapshot holds a target's whole policy. */
export function policySnapshotKey(resourceArn: string): string {
  return `${resourceArn}#policy`;
}

/**
 * What the inventory's last snapshot says of the resources, in the form that a controller would answer. A key that
 * the snapshot lacks was not there when the account was read. Statements are found in the target's whole policy.
 */
export function observedFromSnapshot(
  resources: readonly CloudResource[],
  snapshot: ObservedState,
): ObservedState {
  return Object.fromEntries(resources.map((resource) => [resource.key, lookUp(resource, snapshot)]));
}

function lookUp(resource: CloudResource, snapshot: ObservedState): Observed {
  if (resource.kind !== "resource-policy-statements") return snapshot[resource.key] ?? { state: "absent" };
  const policy = snapshot[policySnapshotKey(resource.body.resourceArn)];
  const surrounding: PolicyDocument | undefined = policy?.surrounding;
  if (!surrounding) return { state: "absent" };
  const own = ownStatements(
    surrounding,
    resource.body.statements.map((statement) => statement.Sid),
  );
  if (own.length === 0) return { state: "absent", surrounding };
  const statements = own.flatMap((statement) =>
    statement.Sid ? [{ ...statement, Sid: statement.Sid }] : [],
  );
  return { state: "present", ours: true, surrounding, body: { ...resource.body, statements } };
}
