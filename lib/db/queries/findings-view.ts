import type { AccountId } from "#lib/model/arn.ts";
import { type Estate, findAccount } from "#lib/model/estate.ts";
import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import { checkedCount, type PlanFinding, planFindings, stepsAlone } from "#lib/plan/findings.ts";
import type { PlanStep } from "#lib/plan/plan.ts";
import { catalogue, entryOf, type FindingId, findingIds } from "#lib/policy/findings/catalogue.ts";
import { type Severity, severities, stepsOf } from "#lib/policy/findings/finding.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import type { FindingsView, FindingView, GrantCondition, PlanView } from "./views/plan.ts";

/** Everything that is wrong with the policies of some steps, for the server's own use: nothing is left out. */
export function findingsOf(steps: readonly PlanStep[], now: Date): PlanFinding[] {
  return planFindings(steps, { metadata: awsMetadata, now });
}

const notOfPolicies = new Set<string>(["json", "service-account", "preflight"]);
/** Rows of the catalogue that are about policies. */
const policyRules = findingIds.filter((id) => !notOfPolicies.has(entryOf(id).group)).length;

interface Shown {
  steps: readonly PlanStep[];
  found: readonly PlanFinding[];
  /** As the reader sees the same steps: what a finding leads to. */
  plan: PlanView;
  preflight: readonly PreflightFinding[];
  estate: Estate;
  seesInside: (accountId: AccountId) => boolean;
  now: Date;
}

/**
 * What is wrong, as the reader may see it: the checks of the documents and those of AWS in one list, worst first. Of
 * statements that only the account's owners see, the rule is named and nothing else.
 */
export function findingsView({
  steps,
  found,
  plan,
  preflight,
  estate,
  seesInside,
  now,
}: Shown): FindingsView {
  const nameOf = (id: AccountId) => findAccount(estate, id)?.name ?? id;
  // What is found without the others' statements says nothing of them.
  const alone = new Set(
    steps.every(({ resource }) => seesInside(resource.accountId))
      ? []
      : findingsOf(stepsAlone(steps), now).map(said),
  );
  const items = [
    ...preflight.map((finding) => liveFinding(finding, plan, nameOf)),
    ...found.map((finding) =>
      documentFinding(finding, plan, nameOf, {
        open: seesInside(finding.step.resource.accountId),
        hidden: !seesInside(finding.step.resource.accountId) && !alone.has(said(finding)),
      }),
    ),
  ];
  return {
    documents: checkedCount(steps),
    rules: policyRules,
    items: numbered(items.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))),
  };
}

/** What a finding tells, wherever in its document it stands. */
function said({ id, detail, statement, document, step }: PlanFinding): string {
  return JSON.stringify([step.key, document, id, statement?.sid, detail]);
}

type Unnumbered = Omit<FindingView, "key">;

/** The same rule may find the same twice. */
function numbered(items: readonly Unnumbered[]): FindingView[] {
  return items.map((item, index) => ({ ...item, key: `finding-${index + 1}` }));
}

function documentFinding(
  { id, severity, detail, origin, step, document, statement, path }: PlanFinding,
  plan: PlanView,
  nameOf: (id: AccountId) => string,
  { open, hidden }: { open: boolean; hidden: boolean },
): Unnumbered {
  const { accountId } = step.resource;
  const shown = stepOf(plan, step.key)?.documents.find(({ title }) => title === document);
  // Indices are those of the whole document, which this reader may see in part only.
  const place = shown?.statements.find((one) =>
    open ? one.index === statement?.index : one.sid !== null && one.sid === statement?.sid,
  );
  const { title, why, mend, reference } = entryOf(id);
  return {
    id,
    source: "document",
    severity,
    title,
    detail: hidden ? "Which statement it is, the account's owners see here." : detail,
    why,
    mend,
    snippet: null,
    reference,
    origin,
    accountId,
    accountName: nameOf(accountId),
    place: hidden
      ? null
      : {
          stepKey: step.key,
          resource: stepOf(plan, step.key)?.title ?? "",
          document,
          statement: statement ? (statement.sid ?? `Statement ${statement.index + 1}`) : null,
          lines: place ? { from: place.from, to: place.to } : null,
          condition: conditionOf(step, path, statement?.index),
        },
  };
}

/** Of permissions that one grant alone asks for: the condition at a place in them. */
function conditionOf({ resource }: PlanStep, path: string, index = -1): GrantCondition | null {
  const [grantId, ...others] = resource.owners;
  if (resource.kind !== "role-policy" || grantId === undefined || others.length > 0) return null;
  const [, , element, operator, key] = stepsOf(path);
  const statement = statementsOf(resource.body.document)[index];
  if (element !== "Condition" || !statement || operator === undefined || key === undefined) return null;
  const values = listOf(statement.Condition?.[operator]?.[key]).map(String);
  return { grantId, operator, key, values, actions: [...listOf(statement.Action)] };
}

const gradeOf: Record<PreflightFinding["severity"], Severity> = {
  error: "error",
  warning: "warning",
  info: "suggestion",
};

function liveFinding(
  { id, severity, accountId, key, title, detail, nextStep, snippet }: PreflightFinding,
  plan: PlanView,
  nameOf: (id: AccountId) => string,
): Unnumbered {
  const entry = isFindingId(id) ? entryOf(id) : null;
  const step = key === undefined ? undefined : stepOf(plan, key);
  return {
    id: entry ? id : null,
    source: "live",
    severity: gradeOf[severity],
    title,
    detail,
    why: entry?.why ?? "",
    mend: nextStep,
    snippet: snippet ?? null,
    reference: entry?.reference ?? null,
    origin: "new",
    accountId,
    accountName: nameOf(accountId),
    place: step
      ? {
          stepKey: step.key,
          resource: step.title,
          document: null,
          statement: null,
          lines: null,
          condition: null,
        }
      : null,
  };
}

function stepOf(plan: PlanView, key: string) {
  return plan.accounts.flatMap(({ steps }) => steps).find((step) => step.key === key);
}

export function isFindingId(id: string): id is FindingId {
  return Object.hasOwn(catalogue, id);
}
