import type { AccountId } from "#lib/model/arn.ts";
import { canonicalJson, sha256Hex } from "#lib/model/digest.ts";
import type { GrantId } from "#lib/model/grant.ts";
import { type Workload, workloadKey } from "#lib/model/workload.ts";

/** IAM's limit for a role's name. */
const roleNameLimit = 64;

/**
 * 64 bits, against chance and against intent: who may choose service account names could otherwise search for one
 * whose role name is another workload's (48 bits are a night's work for a GPU).
 */
const hashLength = 16;

/** A hash that covers every part, unambiguously joined, so that names which look alike never collide. */
function shortHash(parts: readonly string[]): string {
  return sha256Hex(canonicalJson(parts)).slice(0, hashLength);
}

/**
 * A role's name: readable, at most 64 characters, and always with the whole hash, since the readable part is cut
 * and plain joins are ambiguous (`a-b`+`c` and `a`+`b-c`). `purpose` tells apart the roles of one workload.
 */
export function roleName(workload: Workload, purpose: string): string {
  return remembered(workload, `role ${purpose}`, () => makeRoleName(workload, purpose));
}

/** Every resource of a workload carries these names, so each is asked for many times; hashing is what costs. */
const names = new WeakMap<Workload, Map<string, string>>();

function remembered(workload: Workload, which: string, make: () => string): string {
  let known = names.get(workload);
  if (!known) {
    known = new Map();
    names.set(workload, known);
  }
  const name = known.get(which) ?? make();
  known.set(which, name);
  return name;
}

function makeRoleName(workload: Workload, purpose: string): string {
  const hash = shortHash([workloadKey(workload), purpose]);
  const readable = [workload.cluster.name, workload.namespace, workload.serviceAccount].join("-");
  return `${readable.slice(0, roleNameLimit - hashLength - 1)}-${hash}`;
}

/** The inline policy that holds one grant's permissions. */
export function grantPolicyName(grantId: GrantId): string {
  return `grant-${grantId}`;
}

/** The inline policy that lets an identity's role assume the workload's role in another account. */
export function assumePolicyName(accountId: AccountId): string {
  return `assume-${accountId}`;
}

/** The AWS config profile for the identity's own role: what chained profiles start from. */
export const identityProfileName = "drawbridge-identity";

/** The AWS config profile for the workload's role in an account. It never changes. */
export function profileName(accountId: AccountId): string {
  return `drawbridge-${accountId}`;
}

/**
 * The ExternalId of a chained role: stable, one a role. Not a secret: it guards against a confused deputy that
 * could be told to assume any role the source role may, and makes each trust say which workload it is for.
 */
export function chainExternalId(installation: string, workload: Workload, accountId: AccountId): string {
  return remembered(
    workload,
    `external id ${canonicalJson([installation, accountId])}`,
    () =>
      `drawbridge-${sha256Hex(canonicalJson([installation, workloadKey(workload), accountId])).slice(0, 32)}`,
  );
}
