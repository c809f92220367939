import { irsa } from "./irsa.ts";
import { oidcFederation } from "./oidc-federation.ts";
import type { AccessPattern } from "./pattern.ts";
import { podIdentity } from "./pod-identity.ts";
import { resourcePolicy } from "./resource-policy.ts";
import { roleChaining } from "./role-chaining.ts";

export type PatternTable = Record<string, AccessPattern>;

/** Every access pattern, by id. Nothing outside lib/desired names one. */
export const patterns: PatternTable = Object.fromEntries(
  [irsa, oidcFederation, roleChaining, resourcePolicy, podIdentity].map((pattern) => [pattern.id, pattern]),
);

/** The pattern with this id, own entries only: ids come from requests. */
export function patternOf(table: PatternTable, id: string): AccessPattern | undefined {
  return Object.hasOwn(table, id) ? table[id] : undefined;
}

/**
 * The organisation's order of preference by default. Same account: Pod Identity, else IRSA. Other account: a
 * resource policy, else Pod Identity with a target role, else federation, else chaining.
 */
export const defaultPreference: readonly string[] = [
  resourcePolicy.id,
  podIdentity.id,
  irsa.id,
  oidcFederation.id,
  roleChaining.id,
];
