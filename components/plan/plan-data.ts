import type { Verb } from "#lib/plan/plan.ts";

/** A plan as the pages read it (`PlanView` of the queries): plain data. */
export type PlanDocument = {
  title: string;
  /** Formatted JSON; null: there is none. */
  before: string | null;
  after: string | null;
  hiddenStatements: number;
  sentences: readonly string[];
  /** Of a policy as it will be. */
  statements: readonly PlanStatement[];
};

/** A statement in the text of a document; lines from 1, both inclusive. */
export type PlanStatement = {
  index: number;
  from: number;
  to: number;
  sentence: string;
  /** Written by others, or for other access. */
  foreign: boolean;
};

export type PlanStepData = {
  key: string;
  /** Of the resource. */
  kind: string;
  verb: Verb;
  title: string;
  region: string;
  reason: string | null;
  differences: readonly string[];
  documents: readonly PlanDocument[];
};

export type PlanAccountData = { accountId: string; name: string; steps: readonly PlanStepData[] };

export type PlanData = {
  accounts: readonly PlanAccountData[];
  changes: number;
  conflicts: number;
  snapshotAt: string | null;
};

/** Statements of ours are new; what their owners see is that their policy changes. */
export function shownVerb<V extends string>({ kind, verb }: { kind: string; verb: V }): V | "update" {
  return kind === "resource-policy-statements" && verb === "create" ? "update" : verb;
}

const counted: [verb: Verb, words: string][] = [
  ["conflict", "in conflict"],
  ["create", "to create"],
  ["update", "to update"],
  ["delete", "to delete"],
  ["use", "relied on"],
  ["keep", "unchanged"],
];

/** "3 to create, 1 to update, 1 unchanged" */
export function planCounts(plan: Pick<PlanData, "accounts">): string {
  return stepCounts(plan.accounts.flatMap((account) => account.steps)).join(", ");
}

/** What happens to how many, what is left alone last. */
export function stepCounts(steps: readonly Pick<PlanStepData, "kind" | "verb">[]): string[] {
  return counted.flatMap(([verb, words]) => {
    const count = steps.filter((step) => shownVerb(step) === verb).length;
    return count > 0 ? [`${count} ${words}`] : [];
  });
}
