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

const counted: [verb: Verb, words: string][] = [
  ["create", "to create"],
  ["update", "to update"],
  ["delete", "to delete"],
  ["use", "relied on"],
  ["keep", "unchanged"],
  ["conflict", "in conflict"],
];

/** "3 to create, 1 to update, 1 unchanged" */
export function planCounts(plan: Pick<PlanData, "accounts">): string {
  const steps = plan.accounts.flatMap((account) => account.steps);
  return counted
    .map(([verb, words]) => [steps.filter((step) => step.verb === verb).length, words] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
    .join(", ");
}
