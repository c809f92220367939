import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { KeyFacts } from "#lib/model/key-facts.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { statementsOfKey } from "#lib/policy/merge.ts";

/** Under this key the inventory's snapshot holds the whole policy of a target, and of a KMS key. */
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

/** What the inventory's last snapshot says of a KMS key; a key that it lacks could not be read. */
export function keyFromSnapshot(snapshot: ObservedState, keyArn: string): KeyFacts {
  const found = snapshot[policySnapshotKey(keyArn)];
  return {
    ...(found?.surrounding ? { policy: found.surrounding } : {}),
    ...(found?.conflict === undefined ? {} : { unusable: found.conflict }),
  };
}

/** What was seen of a KMS key, in the form of the snapshot. */
export function keyAsObserved(keyArn: string, { policy, unusable }: KeyFacts): Observed {
  return {
    state: "present",
    body: { service: "kms", resourceArn: keyArn, statements: [] },
    ours: false,
    ...(policy ? { surrounding: policy } : {}),
    ...(unusable === undefined ? {} : { conflict: unusable }),
  };
}

function lookUp(resource: CloudResource, snapshot: ObservedState): Observed {
  if (resource.kind !== "resource-policy-statements") return snapshot[resource.key] ?? { state: "absent" };
  const policy = snapshot[policySnapshotKey(resource.body.resourceArn)];
  const surrounding: PolicyDocument | undefined = policy?.surrounding;
  if (!surrounding) return { state: "absent" };
  const statements = statementsOfKey(surrounding, resource.key);
  if (statements.length === 0) return { state: "absent", surrounding };
  return { state: "present", ours: true, surrounding, body: { ...resource.body, statements } };
}
