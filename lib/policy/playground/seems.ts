import { isRecord } from "../conditions.ts";
import { actionFits } from "../elements.ts";
import { parsePolicyJson } from "../parse.ts";
import type { PlaygroundKind } from "./state.ts";

/** Only policies that hang on a resource or a role say who. A resource control policy names everybody. */
const namesWho: Record<PlaygroundKind, boolean | null> = {
  identity: false,
  boundary: false,
  session: false,
  scp: false,
  resource: true,
  trust: true,
  rcp: null,
  "service-account": null,
};

/** What a trust policy is about, and no other policy of what the product touches. */
const assuming = [
  "sts:AssumeRole",
  "sts:AssumeRoleWithWebIdentity",
  "sts:AssumeRoleWithSAML",
  "sts:TagSession",
  "sts:SetSourceIdentity",
  "sts:SetContext",
];

function mayAssume(action: string): boolean {
  return assuming.some((one) => actionFits(action, one) !== "no-match");
}

/**
 * What a policy seems to be that was taken for something it can't be: by whether its statements name a principal, and
 * whether they are about assuming a role. Null: it may be what it was taken for, or nobody can say.
 *
 * Source: IAM User Guide, "IAM JSON policy elements: Principal": required in resource policies and trust policies, not
 * allowed in identity policies.
 */
export function seemsToBe({ kind, text }: { kind: PlaygroundKind; text: string }): PlaygroundKind | null {
  const expected = namesWho[kind];
  const parsed = expected === null ? null : parsePolicyJson(text);
  if (!parsed?.ok || !isRecord(parsed.value)) return null;
  const statements = [parsed.value.Statement].flat().filter(isRecord);
  const who = statements.map((one) => one.Principal !== undefined || one.NotPrincipal !== undefined);
  const actions = statements
    .flatMap(({ Action }) => [Action].flat())
    .filter((one) => typeof one === "string");
  // Half of each kind is a mistake of another sort.
  if (actions.length === 0 || new Set(who).size !== 1) return null;
  if (!who[0]) return expected ? "identity" : null;
  // "*" and "sts:*" may be meant for either.
  const found = actions.every((one) => /^sts:/i.test(one) && mayAssume(one)) ? "trust" : "resource";
  return found === kind || (found === "resource" && actions.some(mayAssume)) ? null : found;
}
