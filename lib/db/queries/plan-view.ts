import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import { type Estate, findAccount } from "#lib/model/estate.ts";
import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { type DocumentChange, documentsOf, goingWith } from "#lib/plan/documents.ts";
import { type PlanStep, planSummary } from "#lib/plan/plan.ts";
import { sentence, sentences } from "#lib/policy/describe.ts";
import { readJson } from "#lib/policy/findings/json-source.ts";
import { layOut } from "#lib/policy/layout.ts";
import { ownStatements, statementsOfKey } from "#lib/policy/merge.ts";
import type { SnapshotPlan } from "./proposal.ts";
import type { DocumentView, PlanView, StatementView, StepView } from "./views/plan.ts";

/**
 * A plan as people read it. What others have put into the policies of an account is shown only to readers that
 * `seesInside` names; the rest see how much was left out, since it stays as it is anyway.
 */
export function planView(
  { plan, snapshotAt }: SnapshotPlan,
  estate: Estate,
  seesInside: (accountId: AccountId) => boolean,
): PlanView {
  const ids = [...new Set(plan.steps.map((step) => step.resource.accountId))].sort();
  const summary = planSummary(plan);
  return {
    accounts: ids.map((accountId) => ({
      accountId,
      name: findAccount(estate, accountId)?.name ?? accountId,
      steps: plan.steps
        .filter((step) => step.resource.accountId === accountId)
        .map((step) => stepView(step, seesInside(accountId))),
    })),
    changes: summary.changes,
    conflicts: summary.conflicts.length,
    snapshotAt: snapshotAt?.toISOString() ?? null,
  };
}

const takesAlong =
  "Statements of other accesses, whose roles were deleted, leave the policy with this change: AWS accepts none while they are in it.";

function stepView(step: PlanStep, open: boolean): StepView {
  const { resource } = step;
  return {
    key: step.key,
    kind: resource.kind,
    verb: step.verb,
    accountId: resource.accountId,
    region: resource.region,
    title: resourceTitle(resource),
    reason: step.reason ?? (open && goingWith(step).length > 0 ? takesAlong : null),
    differences: step.differences,
    dependsOn: step.dependsOn,
    documents: documentsOf(open ? step : withoutForeignBody(step)).map((document) =>
      documentView(document, step, open),
    ),
  };
}

const titles: { [K in ResourceKind]: (resource: CloudResource<K>) => string } = {
  "oidc-provider": ({ body }) => `OIDC provider ${body.issuer}`,
  role: ({ body }) => `Role ${body.name}`,
  "role-policy": ({ body }) => `Policy ${body.policyName} of role ${body.roleName}`,
  "resource-policy-statements": ({ body }) => `Statements in the policy of ${body.resourceArn}`,
  "pod-identity-association": ({ body }) =>
    `Pod Identity association of ${body.namespace}/${body.serviceAccount} on ${body.clusterName}`,
};

/** What the resource is called in a list of steps. */
export function resourceTitle(resource: CloudResource): string {
  const title = titles[resource.kind] as (resource: CloudResource) => string;
  return title(resource);
}

/** Something that is there and was made by others is not shown to those who may not see into the account. */
function withoutForeignBody(step: PlanStep): PlanStep {
  const { observed, ...rest } = step;
  if (observed?.state !== "present" || observed.ours) return step;
  return { ...rest, observed: { state: "absent" } };
}

function documentView(document: DocumentChange, step: PlanStep, open: boolean): DocumentView {
  const { resource } = step;
  const { title, before, after } = document;
  if (resource.kind !== "resource-policy-statements" || open)
    return {
      title,
      before: pretty(before),
      after: pretty(after),
      hiddenStatements: 0,
      sentences: sentencesOf(step, title),
      statements: statementViews(document, after, step),
    };
  // By the key, so that statements of an earlier form of the grant are among them.
  const sids = [before, after].flatMap((policy) =>
    policy === null ? [] : statementsOfKey(policy as PolicyDocument, step.key).map(({ Sid }) => Sid),
  );
  const known = [...sids, ...goingWith(step)];
  const whole = before === null ? [] : statementsOf(before as PolicyDocument);
  const own = (policy: unknown) => {
    const statements = policy === null ? [] : ownStatements(policy as PolicyDocument, sids);
    return statements.length === 0 ? null : { Version: "2012-10-17", Statement: statements };
  };
  return {
    title,
    before: pretty(own(before)),
    after: pretty(own(after)),
    hiddenStatements: whole.filter(({ Sid }) => Sid === undefined || !known.includes(Sid)).length,
    sentences: sentencesOf(step, title),
    statements: statementViews(document, own(after), step),
  };
}

function pretty(value: unknown): string | null {
  return value === null ? null : layOut(value);
}

const policies = new Set(["Trust policy", "Permissions", "Resource policy"]);

/** @param shown what is shown of the document as it will be */
function statementViews({ title }: DocumentChange, shown: unknown, { resource }: PlanStep): StatementView[] {
  if (shown === null || !policies.has(title)) return [];
  const document = shown as PolicyDocument;
  const source = readJson(layOut(document));
  const said = sentences(document);
  const own =
    resource.kind === "resource-policy-statements"
      ? new Set(resource.body.statements.map(({ Sid }) => Sid))
      : null;
  const list = Array.isArray(document.Statement);
  return statementsOf(document).map(({ Sid }, index) => {
    const { start, end } = source.rangeOf(list ? ["Statement", index] : ["Statement"]);
    return {
      index,
      sid: Sid ?? null,
      from: start.line,
      to: end.line,
      sentence: said[index] ?? "",
      foreign: own !== null && !own.has(Sid ?? ""),
    };
  });
}

/** Our own statements in words; nothing for settings, and nothing for what goes. */
function sentencesOf(step: PlanStep, title: string): string[] {
  if (step.verb === "delete") return [];
  const { resource } = step;
  switch (resource.kind) {
    case "role":
      return title === "Trust policy" ? sentences(resource.body.trust) : [];
    case "role-policy":
      return sentences(resource.body.document);
    case "resource-policy-statements":
      return resource.body.statements.map(sentence);
    default:
      return [];
  }
}
