import type { GrantChangeWord } from "#lib/model/grant-change.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import type { Failure, RunKind } from "#lib/model/run.ts";
import type { RunState, StepState } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { LeftView, PersonView } from "./common.ts";

/** Runs with their steps and calls. */

export interface RunRow {
  id: string;
  kind: RunKind;
  /** What a provisioning run does to a live grant; null: its grants are new. */
  change: GrantChangeWord | null;
  state: RunState;
  requestNumber: number | null;
  grantIds: string[];
  requestedBy: PersonView | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  steps: { total: number; succeeded: number; failed: number };
  error: Failure | null;
}

export interface CallView {
  id: string;
  at: string;
  service: string;
  operation: string;
  requestId: string | null;
  httpStatus: number | null;
  attempts: number;
  durationMs: number;
  errorName: string | null;
}

export interface RunStepView {
  id: string;
  position: number;
  key: string;
  kind: string;
  title: string;
  accountId: string;
  accountName: string;
  region: string;
  verb: string;
  state: StepState;
  dependsOn: string[];
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  outcome: string | null;
  detail: string | null;
  error: Failure | null;
  calls: CallView[];
}

/** Of a revocation: what may be left of it. */
export interface GiveUpView {
  /** Nobody tries it any more. */
  done: boolean;
  /** Other runs are about all that it has left. */
  takenOver: boolean;
  /** Those of its accesses that were given up, by this run or another of theirs. */
  grantIds: string[];
  /** Why the actor can't give it up. */
  refusal: Refusal | null;
  /** Empty where that is not known, and while it need not be. */
  left: LeftView[];
  /** What has to be typed. */
  confirmation: string;
}

export interface RunView extends Omit<RunRow, "steps"> {
  steps: RunStepView[];
  workload: Workload | null;
  retry: Refusal | null;
  rollBack: Refusal | null;
  giveUp: GiveUpView;
}
