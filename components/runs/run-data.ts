import type { Failure } from "#lib/model/run.ts";
import type { StepState } from "#lib/model/states.ts";

/** A call that a step made (`CallView` of the queries): plain data. */
export type RunCallData = {
  id: string;
  at: string;
  service: string;
  operation: string;
  requestId: string | null;
  httpStatus: number | null;
  attempts: number;
  durationMs: number;
  errorName: string | null;
};

/** A step of a run (`RunStepView` of the queries): plain data. */
export type RunStepData = {
  id: string;
  key: string;
  /** Of the resource. */
  kind: string;
  title: string;
  accountId: string;
  accountName: string;
  verb: string;
  state: StepState;
  /** Keys of the steps that must have succeeded first. */
  dependsOn: readonly string[];
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  outcome: string | null;
  detail: string | null;
  error: Failure | null;
  calls: readonly RunCallData[];
};

/** Where the list on the page has the step. */
export function stepAnchor(stepId: string): string {
  return `step-${stepId}`;
}
