import type { Account } from "#lib/model/account.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { listOf, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { example, roleSession } from "#lib/policy/intended.ts";
import { beyond, patternWithin } from "#lib/policy/within.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { classify, isKind } from "../errors.ts";
import { explain, type Subject } from "../explain.ts";
import { managedPolicy } from "../managed-policy.ts";
import { about, ofKind, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** How many of a list are named. */
const shown = 3;

/** Whose boundary it is, and what is to stand under it: the resources of the account. */
interface UnderBoundary {
  account: Account;
  installation: string;
  resources: readonly CloudResource[];
}

/**
 * The account's permissions boundary, which limits every role that is made, must allow nothing beyond what the
 * onboarding template gave it: it is what the owners agreed to. One that can't be read counts as wider.
 */
export async function checkBoundary({
  clients,
  installation,
  resources,
  patiently,
}: Pick<PreflightContext, "clients" | "installation" | "resources" | "patiently">): Promise<
  PreflightFinding[]
> {
  if (ofKind(resources, "role").length === 0) return [];
  const { account } = clients;
  try {
    const found = await patiently(() => managedPolicy(clients.iam(), account.boundaryArn));
    return boundaryFindings({ account, installation, resources }, found);
  } catch (error) {
    return [boundaryUnread(account, error)];
  }
}

/** What is wrong with a boundary as it was read. */
export function boundaryFindings(under: UnderBoundary, found: PolicyDocument): PreflightFinding[] {
  const { account, installation } = under;
  const excess = beyond(found, boundaryPolicy(account, installation));
  if (excess.length === 0) return tooNarrow(under, found);
  return [
    about(subjectOf(account), {
      id: "boundary.wider",
      severity: "error",
      title: "The permissions boundary allows more than was agreed",
      detail: `${account.boundaryArn} allows ${some(excess)}, which the onboarding template does not.`,
      nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
    }),
  ];
}

/** That a boundary is gone, or could not be read. @param error what AWS threw */
export function boundaryUnread(account: Account, error: unknown): PreflightFinding {
  const subject = subjectOf(account);
  const { cause } = explain(classify(error), subject);
  const missing = isKind(error, "not-found");
  return about(subject, {
    id: missing ? "boundary.missing" : "boundary.unread",
    severity: "error",
    title: missing ? "The permissions boundary is not there" : "The permissions boundary can't be read",
    detail: missing
      ? `There is no policy ${subject.key}, and no role is made without it.`
      : `Without it nobody knows what the roles made here could do at most. ${cause}`,
    nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
  });
}

function subjectOf({ id, boundaryArn }: Account): Subject {
  return { kind: "boundary", accountId: id, key: boundaryArn };
}

/** What the plan gives roles here and the boundary keeps from them: one that was deployed before an action was offered. */
function tooNarrow({ account, resources }: UnderBoundary, found: PolicyDocument): PreflightFinding[] {
  const subject = subjectOf(account);
  const missing = ofKind(resources, "role-policy").flatMap(({ body }) =>
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
