import { listOf, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { example, roleSession } from "#lib/policy/intended.ts";
import { beyond, patternWithin } from "#lib/policy/within.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { classify, isKind } from "../errors.ts";
import { explain } from "../explain.ts";
import { managedPolicy } from "../managed-policy.ts";
import { about, ofKind, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** How many of a list are named. */
const shown = 3;

/**
 * The account's permissions boundary, which limits every role that is made, must allow nothing beyond what the
 * onboarding template gave it: it is what the owners agreed to. One that can't be read counts as wider.
 */
export async function checkBoundary(context: PreflightContext): Promise<PreflightFinding[]> {
  if (ofKind(context.resources, "role").length === 0) return [];
  const { account } = context.clients;
  const key = account.boundaryArn;
  const subject = { kind: "boundary", accountId: account.id, key };
  try {
    const found = await context.patiently(() => managedPolicy(context.clients.iam(), key));
    const excess = beyond(found, boundaryPolicy(account, context.installation));
    if (excess.length === 0) return tooNarrow(context, subject, found);
    return [
      about(subject, {
        id: "boundary.wider",
        severity: "error",
        title: "The permissions boundary allows more than was agreed",
        detail: `${key} allows ${some(excess)}, which the onboarding template does not.`,
        nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
      }),
    ];
  } catch (error) {
    const { cause } = explain(classify(error), subject);
    const missing = isKind(error, "not-found");
    return [
      about(subject, {
        id: missing ? "boundary.missing" : "boundary.unread",
        severity: "error",
        title: missing ? "The permissions boundary is not there" : "The permissions boundary can't be read",
        detail: missing
          ? `There is no policy ${key}, and no role is made without it.`
          : `Without it nobody knows what the roles made here could do at most. ${cause}`,
        nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
      }),
    ];
  }
}

/** What the plan gives roles here and the boundary keeps from them: one that was deployed before an action was offered. */
function tooNarrow(
  context: PreflightContext,
  subject: Parameters<typeof about>[0],
  found: PolicyDocument,
): PreflightFinding[] {
  const missing = ofKind(context.resources, "role-policy").flatMap(({ body }) =>
    statementsOf(body.document).flatMap(({ Action, Resource }) =>
      listOf(Action).filter(
        (action) =>
          !listOf(Resource).every(
            (resource) => mayAllow(found, action, resource) && !denies(subject, found, action, resource),
          ),
      ),
    ),
  );
  if (missing.length === 0) return [];
  return [
    about(subject, {
      id: "boundary.narrower",
      severity: "error",
      title: "The permissions boundary does not allow all that is asked for",
      detail: `${subject.key} keeps ${some([...new Set(missing)])} from every role, so that the access would not work.`,
      nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
    }),
  ];
}

/** Whether some statement allows it, whatever its conditions. */
function mayAllow(boundary: PolicyDocument, action: string, resource: string): boolean {
  return statementsOf(boundary).some(
    ({ Effect, Action, Resource }) =>
      Effect === "Allow" &&
      listOf(Action).some((one) => patternWithin(foldCase(action), foldCase(one))) &&
      listOf(Resource).some((one) => patternWithin(resource, one)),
  );
}

/** Whether a Deny without conditions keeps every role from it. One with conditions is for the proof to judge. */
function denies(
  { accountId }: { accountId: string },
  boundary: PolicyDocument,
  action: string,
  resource: string,
): boolean {
  const Statement = statementsOf(boundary).filter(
    ({ Effect, Condition = {} }) => Effect === "Deny" && Object.keys(Condition).length === 0,
  );
  const principal = roleSession(`arn:aws:iam::${accountId}:role/any`);
  const request = { principal, action, resource: example(resource), resourceAccount: accountId, context: {} };
  const document = { ...boundary, Statement };
  return evaluate(request, { identity: [{ name: "boundary", document }] }).effect === "explicit-deny";
}

function some(list: readonly string[]): string {
  const more = list.length > shown ? ` and ${list.length - shown} more` : "";
  return `${list.slice(0, shown).join(", ")}${more}`;
}
