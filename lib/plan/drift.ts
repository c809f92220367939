import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { type DriftEffect, type DriftFinding, type DriftVerdict, isWider } from "#lib/model/drift.ts";
import { documentOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { isRetiring } from "#lib/model/retirement.ts";
import { sameStatement } from "#lib/policy/canonical.ts";
import { compareAccess, type DocumentRole } from "#lib/policy/compare.ts";
import { onlyDeletedRoles } from "#lib/policy/dangling.ts";
import { sentence } from "#lib/policy/describe.ts";
import { beyond } from "#lib/policy/within.ts";
import { afterFailedChange, driftWords } from "./drift-words.ts";
import type { PlanStep } from "./plan.ts";
import { nameOf } from "./resource-names.ts";

/** What a grant's drift is stored as. */
export interface Drift {
  verdict: DriftVerdict;
  findings: DriftFinding[];
  /** The plan that leads back to what was approved, as it was made then. */
  steps: PlanStep[];
}

/** Only the worker writes this column, from a `Drift`. */
export function asDrift(json: unknown): Drift | null {
  return json === null || json === undefined ? null : (json as Drift);
}

interface Details {
  effect?: DriftEffect;
  takenAwayIn?: AccountId[];
  approved?: string[];
  now?: string[];
}

/** A finding in the words of the catalogue. `what` is the thing's name; it begins the sentence where it stands first. */
export function driftFinding(
  id: string,
  subject: { accountId: string; key: string },
  what: string,
  { effect, approved = [], now = [], takenAwayIn }: Details = {},
): DriftFinding {
  const words = driftWords[id];
  if (!words) throw new TypeError(`There are no words for ${id}`);
  return {
    id,
    accountId: subject.accountId,
    key: subject.key,
    effect: effect ?? words.effect ?? "undecided",
    title: capitalised(words.title(what)),
    approved,
    now,
    means: words.means,
    nextStep: words.nextStep,
    repairable: words.repairable,
    ...(takenAwayIn ? { takenAwayIn } : {}),
  };
}

/**
 * What the steps of a plan that should be empty say, in plain words: a finding for each thing that is not as approved.
 * Pure; says what is known from the documents, and that something is not known where it is not.
 */
export function explainDrift(steps: readonly PlanStep[]): DriftFinding[] {
  return steps.flatMap((step) => {
    if (step.verb === "keep" || step.verb === "use") return [];
    if (step.verb === "conflict") return [inTheWay(step)];
    return readers[step.resource.kind](step);
  });
}

/** Effects of what may have been taken away by intent: somebody's hand, or a doubt about it. */
const takenAway: readonly DriftEffect[] = ["narrower", "both", "undecided"];

/**
 * The accounts in which a repair gives back what somebody has taken away there, or may have: that is for the account's
 * owners to say (decision 0026). What only follows from something that is gone elsewhere counts there.
 */
export function givenBackIn(findings: readonly DriftFinding[]): AccountId[] {
  const back = findings.filter(
    ({ id, effect, repairable }) => repairable && (driftWords[id]?.givesBack || takenAway.includes(effect)),
  );
  return [...new Set(back.flatMap(({ accountId, takenAwayIn }) => takenAwayIn ?? [accountId]))];
}

/**
 * What is in none of the forms that the grant may lawfully have. A change that failed has left each resource in one
 * form or the other, and what only one of them has may be there or not. Where a resource is in neither, it counts as
 * that form of it from which it differs least harmfully: what both forms lack is wider than both.
 *
 * @param plans one a form, the present one first, each made of what was observed with the resources of all forms before
 * @returns a step a resource
 */
export function inNoForm(plans: readonly (readonly PlanStep[])[]): PlanStep[] {
  return [...Map.groupBy(plans.flat(), ({ key }) => key).values()].flatMap((steps) => {
    if (steps.some(({ verb }) => verb === "keep" || verb === "use")) return [];
    const wanted = steps.filter(({ verb }) => verb !== "delete");
    const candidates = wanted.length > 0 ? wanted : steps;
    return candidates.find((step) => !isWider(explainDrift([step]))) ?? candidates.slice(0, 1);
  });
}

/** The finding of a grant whose last change failed: no repair ends it, since there is no one form to put back. */
export function ofFailedChange(finding: DriftFinding): DriftFinding {
  if (!finding.repairable) return finding;
  const stops = /^(policy\.foreign|role\.attached)/.test(finding.id);
  const nextStep = stops
    ? afterFailedChange.foreign
    : isWider([finding])
      ? afterFailedChange.wider
      : afterFailedChange.other;
  return { ...finding, nextStep, repairable: false };
}

/** Kind → what a step on it says. */
const readers: { [K in CloudResource["kind"]]: (step: PlanStep) => DriftFinding[] } = {
  role: roleFindings,
  "role-policy": policyFindings,
  "resource-policy-statements": statementFindings,
  "pod-identity-association": (step) =>
    step.verb === "create" ? [about(step, "association.deleted")] : associationFindings(step),
  "oidc-provider": (step) =>
    step.verb === "create"
      ? [about(step, "provider.deleted")]
      : step.differences.map((one) =>
          about(step, one === "client ids" ? "provider.client-ids" : "provider.tags"),
        ),
};

const conflicts: { [K in CloudResource["kind"]]: string } = {
  role: "role.not-ours",
  "role-policy": "role.not-ours",
  "resource-policy-statements": "target.gone",
  "pod-identity-association": "association.not-ours",
  "oidc-provider": "provider.not-ours",
};

function inTheWay(step: PlanStep): DriftFinding {
  return about(step, conflicts[step.resource.kind], { now: step.reason ? [step.reason] : [] });
}

function about(step: PlanStep, id: string, details?: Details): DriftFinding {
  return driftFinding(id, step.resource, nameOf(step.resource), details);
}

function roleFindings(step: PlanStep): DriftFinding[] {
  if (step.verb === "create") return [about(step, "role.deleted")];
  const { resource, observed, differences } = step;
  if (resource.kind !== "role" || observed?.state !== "present") return [];
  const want = resource.body;
  const have = bodyOf<"role">(observed);
  const attached = observed.policies?.attached ?? [];
  const settings = differences.filter((one) => !explained.includes(one));
  return [
    ...when(differences.includes("trust policy"), () =>
      documentFinding(step, "trust", want.trust, have.trust),
    ),
    ...when(differences.includes("permissions boundary"), () =>
      have.boundaryArn === ""
        ? about(step, "role.boundary-missing", { approved: [want.boundaryArn] })
        : about(step, "role.boundary-changed", { approved: [want.boundaryArn], now: [have.boundaryArn] }),
    ),
    ...[...Map.groupBy(attached, attachedKind)].map(([id, now]) => about(step, id, { now })),
    ...when(isRetiring(observed), () => about(step, "role.retiring")),
    ...when(settings.length > 0, () =>
      about(step, "role.settings", { now: [`Changed: ${settings.join(", ")}.`] }),
    ),
    ...when(differences.includes("tags"), () =>
      about(step, "role.tags", { approved: tagLines(want.tags, have.tags) }),
    ),
  ];
}

/**
 * What is said of an attached policy, by its ARN: Drawbridge may not read any but the boundary. Those that AWS made for
 * incidents only deny.
 *
 * Source: AWS Managed Policy Reference, "AWSDenyAll" and "AWSCompromisedKeyQuarantine", "V2", "V3".
 */
function attachedKind(arn: string): string {
  return /^arn:[^:]+:iam::aws:policy\/(AWSDenyAll|AWSCompromisedKeyQuarantine(V\d+)?)$/.test(arn)
    ? "role.attached-deny"
    : "role.attached-policy";
}

/** Differences of a role that have a finding of their own. */
const explained = [
  ...["trust policy", "permissions boundary", "attached policies", "tags"],
  "its deletion, which was begun",
];

function policyFindings(step: PlanStep): DriftFinding[] {
  const { resource, observed } = step;
  if (resource.kind !== "role-policy") return [];
  if (step.verb === "create")
    return [about(step, "policy.deleted", { approved: statementsOf(resource.body.document).map(sentence) })];
  if (observed?.state !== "present") return [];
  const { document } = bodyOf<"role-policy">(observed);
  if (step.verb === "update") return [documentFinding(step, "policy", resource.body.document, document)];
  const now = statementsOf(document);
  const says = (effect: Statement["Effect"]) => now.some(({ Effect }) => Effect === effect);
  const id = says("Allow") ? "policy.foreign" : "policy.foreign-deny";
  const mixed: Details = says("Allow") && says("Deny") ? { effect: "both" } : {};
  return [about(step, id, { ...mixed, now: now.map(sentence) })];
}

function statementFindings(step: PlanStep): DriftFinding[] {
  const { resource, observed } = step;
  if (resource.kind !== "resource-policy-statements") return [];
  const approved = documentOf(resource.body.statements);
  if (observed?.state !== "present")
    return [about(step, "statements.deleted", { approved: resource.body.statements.map(sentence) })];
  const found = documentOf(bodyOf<"resource-policy-statements">(observed).statements);
  return [documentFinding(step, "statements", approved, found)];
}

function associationFindings(step: PlanStep): DriftFinding[] {
  const { resource, observed, differences } = step;
  if (resource.kind !== "pod-identity-association" || observed?.state !== "present") return [];
  const want = resource.body;
  const have = bodyOf<"pod-identity-association">(observed);
  const roles = ({ roleArn, targetRoleArn }: { roleArn: string; targetRoleArn: string | null }) =>
    targetRoleArn === null ? roleArn : `${roleArn}, and from it ${targetRoleArn}`;
  return [
    ...when(
      differences.some((one) => one !== "tags"),
      () => about(step, "association.redirected", { approved: [roles(want)], now: [roles(have)] }),
    ),
    ...when(differences.includes("tags"), () =>
      about(step, "association.tags", { approved: tagLines(want.tags, have.tags) }),
    ),
  ];
}

const roleOf: Record<string, DocumentRole> = { trust: "trust", policy: "identity", statements: "resource" };

/** What a changed document allows more or less, with the statements that differ as sentences. */
function documentFinding(
  step: PlanStep,
  prefix: "trust" | "policy" | "statements",
  want: PolicyDocument,
  have: PolicyDocument,
): DriftFinding {
  const { accountId, key } = step.resource;
  const deleted = onlyDeletedRoles(statementsOf(want), statementsOf(have)) ?? [];
  if (prefix !== "policy" && deleted.length > 0)
    return about(step, `${prefix}.dangling`, { takenAwayIn: accountsOf(deleted) });
  const partition = /^arn:([^:]+):/.exec(key)?.[1];
  const compared = compareAccess(want, have, {
    role: roleOf[prefix] ?? "identity",
    accountId,
    ...(partition === undefined ? {} : { partition }),
  });
  // That nothing was found to be taken away is no proof, where something else is given.
  const effect = compared === "wider" && takesAway(want, have) ? "both" : compared;
  return about(step, `${prefix}.${effect}`, {
    effect,
    approved: without(want, have).map(sentence),
    now: without(have, want).map(sentence),
  });
}

/** Whether a document may allow less than another of the kind, principals aside. A trust policy is about its role. */
function takesAway(want: PolicyDocument, have: PolicyDocument): boolean {
  const [approved, found] = [want, have].map((document) => ({
    ...document,
    Statement: statementsOf(document).map((one) =>
      one.Resource === undefined && one.NotResource === undefined ? { ...one, Resource: "*" } : one,
    ),
  })) as [PolicyDocument, PolicyDocument];
  return beyond(approved, found).length > 0;
}

function accountsOf(arns: readonly string[]): AccountId[] {
  return [...new Set(arns.flatMap((arn) => arn.split(":")[4] ?? []))];
}

/** The statements of one document that the other has not. */
function without(document: PolicyDocument, other: PolicyDocument): Statement[] {
  return statementsOf(document).filter(
    (one) => !statementsOf(other).some((another) => sameStatement(one, another)),
  );
}

function bodyOf<K extends CloudResource["kind"]>(observed: Extract<Observed, { state: "present" }>) {
  // Looked up by the resource's key, and keys name one kind only.
  return observed.body as CloudResource<K>["body"];
}

function tagLines(want: Record<string, string>, have: Record<string, string>): string[] {
  return Object.entries(want).flatMap(([key, value]) => (have[key] === value ? [] : [`${key} = ${value}`]));
}

function when(holds: boolean, make: () => DriftFinding): DriftFinding[] {
  return holds ? [make()] : [];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
