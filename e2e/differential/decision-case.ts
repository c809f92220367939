import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import {
  type CallerPrincipal,
  type Decision,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type NamedPolicy,
} from "#lib/policy/evaluate.ts";

/** A request and the policies it meets, as in lib/policy/cases. */
export interface DecisionCase {
  function: "evaluate" | "evaluateTrust";
  request: EvaluationRequest;
  policies: CasePolicies;
}

export interface CasePolicies {
  identity: PolicyDocument[];
  boundary?: PolicyDocument;
  session?: PolicyDocument[];
  resource?: PolicyDocument;
  scps?: OrganizationPolicy[];
  rcps?: OrganizationPolicy[];
}

/** An SCP or RCP may say where it is attached. */
export type OrganizationPolicy = PolicyDocument | { target: string; document: PolicyDocument };

/** `refused`: the other side takes no such case, and why. */
export type Verdict = Decision["effect"] | "refused";

/** What iam-simulate gives to a simulation. */
export type SimulatorAnswer = { effect: string; ignored: string[] } | { refused: string };

/** What the product decides. */
export function ourDecision({ function: name, request, policies }: DecisionCase): Verdict {
  const { identity, boundary, session, resource, scps, rcps } = policies;
  const decide = name === "evaluate" ? evaluate : evaluateTrust;
  const list = (kind: string, all: OrganizationPolicy[]): NamedPolicy[] =>
    all.map((one, index) => ({
      name: `${kind} ${index + 1}`,
      ...("document" in one ? one : { document: one }),
    }));
  return decide(request, {
    identity: list("identity", identity),
    ...(boundary && { boundary: { name: "boundary", document: boundary } }),
    ...(session && { session: list("session", session) }),
    ...(resource && { resource: { name: "resource", document: resource } }),
    ...(scps && { scps: list("scp", scps) }),
    ...(rcps && { rcps: list("rcp", rcps) }),
  }).effect;
}

const effects: Record<string, Verdict> = {
  Allowed: "allow",
  ExplicitlyDenied: "explicit-deny",
  ImplicitlyDenied: "implicit-deny",
};

/** iam-simulate's answer in the product's words; an answer to a request with fewer keys is none to this one. */
export function simulatorDecision(answer: SimulatorAnswer): Verdict {
  if ("refused" in answer || answer.ignored.length > 0) return "refused";
  return effects[answer.effect] ?? "refused";
}

/** Keys that iam-simulate takes, for those of the cases' that it does not know. */
const KNOWN_KEYS: [RegExp, string][] = [
  [/"aws:x"/gi, '"aws:Referer"'],
  [/"aws:y"/gi, '"aws:UserAgent"'],
  [/"oidc\.eks\.[\w.-]+\/id\/\w+:(aud|sub)"/g, '"accounts.google.com:$1"'],
];

/** Of other keys it takes the first of several values. */
const MULTIVALUED = new Set(["aws:tagkeys", "aws:principalorgpaths", "sts:transitivetagkeys"]);

/** The case as iam-simulate takes it; null if it has no words for it. */
export function simulationOf({ request, policies }: DecisionCase): object | null {
  const { identity, boundary, session = [], resource, scps = [], rcps = [] } = policies;
  const unknown = (request.unknownKeys?.length ?? 0) > 0 || "unread" in policies;
  const several = Object.entries(request.context).some(
    ([key, value]) => Array.isArray(value) && !MULTIVALUED.has(key.toLowerCase()),
  );
  const controls = levels(rcps).map(withoutFullAccess);
  if (unknown || several || session.length > 1 || controls.includes(null)) return null;
  const simulation = {
    request: {
      principal: simulatedPrincipal(request.principal),
      action: request.action,
      resource: { resource: request.resource, accountId: request.resourceAccount },
      contextVariables: request.context,
    },
    ...(session[0] && { sessionPolicy: session[0] }),
    identityPolicies: identity.map((policy, index) => ({ name: `identity ${index + 1}`, policy })),
    serviceControlPolicies: levels(scps),
    resourceControlPolicies: controls,
    ...(resource && { resourcePolicy: resource }),
    ...(boundary && { permissionBoundaryPolicies: [{ name: "boundary", policy: boundary }] }),
  };
  const text = KNOWN_KEYS.reduce((all, [key, known]) => all.replace(key, known), JSON.stringify(simulation));
  return JSON.parse(text) as object;
}

function simulatedPrincipal(caller: CallerPrincipal): string | { type: "Anonymous" } {
  switch (caller.kind) {
    case "role-session":
      return caller.sessionArn;
    case "user":
    case "root":
      return caller.arn;
    case "federated":
      return caller.provider;
    case "service":
      return caller.service;
    case "anonymous":
      return { type: "Anonymous" };
  }
}

interface Level {
  orgIdentifier: string;
  policies: { name: string; policy: PolicyDocument }[];
}

function levels(policies: OrganizationPolicy[]): Level[] {
  const byTarget = Map.groupBy(policies, (one) => ("document" in one ? one.target : ""));
  return [...byTarget].map(([orgIdentifier, members]) => ({
    orgIdentifier,
    policies: members.map((one, index) => ({
      name: `${orgIdentifier} ${index + 1}`,
      policy: "document" in one ? one.document : one,
    })),
  }));
}

/**
 * AWS attaches a policy that allows all to each level, takes no other Allow in an RCP, and never lets it be taken
 * off; iam-simulate adds it by itself. Null: the level is without.
 */
function withoutFullAccess({ orgIdentifier, policies }: Level): Level | null {
  const others = policies.filter(
    ({ policy }) => !statementsOf(policy).every(({ Effect }) => Effect === "Allow"),
  );
  return others.length === policies.length ? null : { orgIdentifier, policies: others };
}
