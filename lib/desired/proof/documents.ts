import type { CloudResource, ObservedState } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { accountOfKey, isKeyArn, type KeyFacts } from "#lib/model/key-facts.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { mergeStatements, statementsOfKey, withoutStatements } from "#lib/policy/merge.ts";
import { inventoryItem } from "../context.ts";
import { targetPlaces } from "../targets.ts";
import type { AccessDocuments, KeyBehind } from "./reachable-sessions.ts";

/**
 * The customer managed keys behind the grants' targets, by the target's ARN.
 *
 * @param known ARN of a key → what was read of it; a key that is missing was not read
 */
export function keysBehind(
  grants: readonly Grant[],
  estate: Estate,
  known: ReadonlyMap<string, KeyFacts> = new Map(),
): Map<string, KeyBehind> {
  return new Map(
    targetPlaces(grants, estate).flatMap(({ arn, region }) => {
      const key = inventoryItem(estate, arn)?.encryption;
      return key && isKeyArn(key)
        ? [[arn, { arn: key, accountId: accountOfKey(key), region, ...known.get(key) }] as const]
        : [];
    }),
  );
}

/** What surrounds our resources: the same before and after a plan. */
export interface Around {
  /** ARNs of the grants' targets. */
  targets: readonly string[];
  boundaries: ReadonlyMap<string, PolicyDocument>;
  /** ARN of a target → its whole policy as it is today; null: it has none. Missing: nobody has read it. */
  policies: ReadonlyMap<string, PolicyDocument | null>;
  keys: ReadonlyMap<string, KeyBehind>;
  /** ARN of a role → its unique id; null: there is no such role. Missing: nobody has read it. */
  roleIds?: ReadonlyMap<string, string | null>;
}

/** The unique ids of roles, as far as they were seen. */
export function roleIdsOf(
  resources: readonly CloudResource[],
  observed: ObservedState,
): Map<string, string | null> {
  return new Map(
    resources.flatMap(({ kind, key }): [string, string | null][] => {
      const found = observed[key];
      if (kind !== "role" || !found) return [];
      if (found.state === "absent") return [[key, null]];
      return found.roleId === undefined ? [] : [[key, found.roleId]];
    }),
  );
}

/**
 * The documents as they will be: what is desired, and our statements among those of others.
 *
 * @param before desired without the change: what is not desired any more goes
 */
export function plannedDocuments(
  desired: readonly CloudResource[],
  before: readonly CloudResource[],
  around: Around,
): AccessDocuments {
  const policies = new Map<string, PolicyDocument>();
  for (const [arn, policy] of around.policies) {
    const ours = statementsOn(desired, arn);
    const wanted = new Set(ours.map(({ Sid }) => Sid));
    // As the controller does it: by the prefix of each grant, so that an older form's go too.
    const gone = [...desired, ...before]
      .filter((one) => one.kind === "resource-policy-statements" && one.body.resourceArn === arn)
      .flatMap(({ key }) => statementsOfKey(policy ?? undefined, key))
      .flatMap(({ Sid }) => (wanted.has(Sid) ? [] : [Sid]));
    const others = withoutStatements(policy ?? undefined, gone);
    if (others || ours.length > 0) policies.set(arn, mergeStatements(others, ours));
  }
  return { resources: desired, policies, ...surrounding(around) };
}

/** The documents as they are: what was seen of the resources that are or were desired. */
export function documentsToday(
  resources: readonly CloudResource[],
  observed: ObservedState,
  around: Around,
): AccessDocuments {
  const there = resources.flatMap((resource): CloudResource[] => {
    const found = observed[resource.key];
    // Looked up by the resource's key, and keys name one kind only.
    return found?.state === "present" ? [{ ...resource, body: found.body } as CloudResource] : [];
  });
  const policies = new Map(
    [...around.policies].flatMap(([arn, policy]) => (policy ? [[arn, policy] as const] : [])),
  );
  return { resources: there, policies, ...surrounding(around) };
}

/** Our statements in a target's policy, as desired. */
export function statementsOn(resources: readonly CloudResource[], arn: string) {
  return resources.flatMap((one) =>
    one.kind === "resource-policy-statements" && one.body.resourceArn === arn ? one.body.statements : [],
  );
}

function surrounding({ boundaries, policies, keys, targets, roleIds = new Map() }: Around) {
  return { boundaries, keys, roleIds, unreadPolicies: new Set(targets.filter((arn) => !policies.has(arn))) };
}
