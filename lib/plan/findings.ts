import type { Observed } from "#lib/model/cloud-resource.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { checkPolicy } from "#lib/policy/findings/check-policy.ts";
import { type Finding, severities } from "#lib/policy/findings/finding.ts";
import type { CheckKind } from "#lib/policy/findings/kinds.ts";
import type { PolicyMetadata } from "#lib/policy/metadata/metadata.ts";
import { documentsOf } from "./documents.ts";
import type { PlanStep } from "./plan.ts";

/**
 * Whose doing it is. `new`: the step's. `standing`: ours, and the same before it. `foreign`: in a statement that is not
 * the step's, was there before and stays.
 */
export type FindingOrigin = "new" | "standing" | "foreign";

/** Something wrong with a document of a plan. */
export interface PlanFinding extends Finding {
  origin: FindingOrigin;
  step: PlanStep;
  /** The document's title among those of the step. */
  document: string;
}

interface Checked {
  title: string;
  kind: CheckKind;
  before: unknown;
  after: unknown;
  /** Of a policy that others write too: the Sids of what the step writes. */
  own: Set<string> | null;
}

/**
 * Everything that is wrong with the policies of a plan as they would be when it is carried out: those that it makes or
 * changes, and those of ours that it leaves as they are, since they are what the access rests on. Worst first.
 *
 * @param now for end dates that have passed
 */
export function planFindings(
  steps: readonly PlanStep[],
  { metadata, now }: { metadata: PolicyMetadata; now: Date },
): PlanFinding[] {
  const found = steps.flatMap((step) =>
    checkedDocuments(step).flatMap((checked) => {
      const { accountId, body } = step.resource;
      const service = "service" in body ? { service: body.service } : {};
      const options = { kind: checked.kind, metadata, accountId, now, ...service };
      const before = new Set(
        checked.before === null
          ? []
          : checkPolicy(checked.before, options).map((one) => sameness(one, checked.before)),
      );
      return checkPolicy(checked.after, options).map(
        (one): PlanFinding => ({
          ...one,
          step,
          document: checked.title,
          origin: isForeign(one, checked)
            ? "foreign"
            : before.has(sameness(one, checked.after))
              ? "standing"
              : "new",
        }),
      );
    }),
  );
  return found.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** How many policies of the plan are checked. */
export function checkedCount(steps: readonly PlanStep[]): number {
  return steps.flatMap(checkedDocuments).length;
}

/** The same steps as if nobody else wrote into the policies: what may be said to who does not see the others. */
export function stepsAlone(steps: readonly PlanStep[]): PlanStep[] {
  return steps.map((step) => {
    if (!step.observed?.surrounding) return step;
    const { surrounding: _, ...observed } = step.observed;
    return { ...step, observed };
  });
}

/** A step for each resource that is there and ours, in the form in which it was read: what is in AWS, to be checked. */
export function stepsAsRead(steps: readonly PlanStep[]): PlanStep[] {
  return steps.flatMap((step) => {
    const { observed, resource } = step;
    if (observed?.state !== "present" || !observed.ours) return [];
    return [{ ...step, verb: "keep" as const, resource: withBody(resource, observed) }];
  });
}

function withBody(resource: PlanStep["resource"], { body }: Extract<Observed, { state: "present" }>) {
  return { ...resource, body } as PlanStep["resource"];
}

const kinds: Record<string, CheckKind> = {
  "Trust policy": "trust",
  Permissions: "identity",
  "Resource policy": "resource",
};

function checkedDocuments(step: PlanStep): Checked[] {
  const { resource, verb } = step;
  if (verb !== "create" && verb !== "update" && verb !== "keep") return [];
  const own =
    resource.kind === "resource-policy-statements"
      ? new Set(resource.body.statements.map(({ Sid }) => Sid))
      : null;
  return documentsOf(step).flatMap(({ title, before, after }) => {
    const kind = kinds[title];
    return kind && after !== null ? [{ title, kind, before, after, own }] : [];
  });
}

function isForeign({ statement }: Finding, { own }: Checked): boolean {
  return own !== null && statement !== undefined && !own.has(statement.sid ?? "");
}

/** The same of two documents, wherever in them it stands. */
function sameness({ id, statement, path, detail }: Finding, document: unknown): string {
  const text = statement ? JSON.stringify(statementAt(document, statement.index)) : "";
  return JSON.stringify([id, text, path.replace(/^\/Statement\/\d+/, ""), detail]);
}

function statementAt(document: unknown, index: number): Statement | undefined {
  return statementsOf(document as PolicyDocument)[index];
}
