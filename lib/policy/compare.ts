import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { type EvaluationRequest, evaluate, evaluateTrust, type NamedPolicy } from "./evaluate.ts";
import { type CallerPrincipal, principalContext } from "./principals.ts";
import { actionsOf, anyone, callersOf, contextsOf, resourcesOf } from "./probes.ts";

/** What a document is: a role's trust policy, what an identity may do, or who may do what with a resource. */
export type DocumentRole = "trust" | "identity" | "resource";

/**
 * How what one document allows differs from what another does. `both`: it allows some of what the other does not,
 * and not all that the other does. `undecided`: no request was found that tells the two apart.
 */
export type Difference = "wider" | "narrower" | "both" | "undecided";

export interface CompareOptions {
  role: DocumentRole;
  /** The account that the role or resource is in. */
  accountId: string;
  partition?: string;
}

/** Neither a caller's nor a target's: identity policies are not to stand in for a resource's. */
const another = "000000000001";
const everything: NamedPolicy = {
  name: "everything",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

/**
 * Compares what two documents allow, by deciding requests under both that are made out of their own statements.
 * `wider` and `narrower` are certain, since a request shows each of them; that neither is found proves nothing.
 */
export function compareAccess(
  approved: PolicyDocument,
  found: PolicyDocument,
  { role, accountId, partition = "aws" }: CompareOptions,
): Difference {
  const both = [...statementsOf(approved), ...statementsOf(found)];
  const requests = both.flatMap((statement) => requestsOf(statement, both, { role, accountId, partition }));
  let wider = false;
  let narrower = false;
  for (const request of requests) {
    const before = allows(approved, request, role);
    const now = allows(found, request, role);
    wider ||= now && !before;
    narrower ||= before && !now;
  }
  if (wider && narrower) return "both";
  return wider ? "wider" : narrower ? "narrower" : "undecided";
}

function allows(document: PolicyDocument, request: EvaluationRequest, role: DocumentRole): boolean {
  const named = { name: "the document", document };
  if (role === "trust")
    return evaluateTrust(request, { identity: [everything], resource: named }).effect === "allow";
  const policies = role === "identity" ? { identity: [named] } : { identity: [everything], resource: named };
  return evaluate(request, policies).effect === "allow";
}

function requestsOf(
  statement: Statement,
  all: readonly Statement[],
  { role, accountId, partition }: Required<CompareOptions>,
): EvaluationRequest[] {
  const trust = role === "trust";
  // A Deny is seen by what others allow within it.
  const about = statement.Effect === "Deny" ? [statement, ...all] : [statement];
  const callers: CallerPrincipal[] =
    role === "identity" ? [anyone(accountId, partition)] : about.flatMap(callersOf);
  const named = all.flatMap(({ Resource }) => listOf(Resource)).filter((one) => one !== "*");
  const resources = trust ? [`arn:${partition}:iam::${accountId}:role/x`] : resourcesOf(statement, named);
  const contexts = about.flatMap(contextsOf);
  const actions = about.flatMap((one) => actionsOf(one, trust));
  const resourceAccount = role === "resource" ? another : accountId;
  return callers.flatMap((principal) =>
    actions.flatMap((action) =>
      resources.flatMap((resource) =>
        contexts.map((context) => ({
          principal,
          action,
          resource,
          resourceAccount,
          context: { ...principalContext(principal), ...context },
        })),
      ),
    ),
  );
}
