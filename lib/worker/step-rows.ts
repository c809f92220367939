import type { Outcome } from "#lib/aws/controller.ts";
import type { ClassifiedError } from "#lib/aws/errors.ts";
import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import { move } from "#lib/db/transitions.ts";
import type { Tx } from "#lib/db/types.ts";
import type { Failure } from "#lib/model/run.ts";
import type { Verb } from "#lib/plan/plan.ts";
import type { Right } from "./approval.ts";
import type { RecordedCall } from "./clients.ts";
import { recordDeadGrants } from "./dead-grants.ts";
import { record } from "./history.ts";
import type { RunStep } from "./plan-run.ts";
import type { RunContext } from "./run-context.ts";
import { putSnapshots, type SeenResource } from "./snapshot.ts";
import { StandingChanged, standingOf } from "./standing.ts";

/** What one attempt at a step has done so far. */
export interface Attempt {
  /** Made and not yet stored. */
  calls: RecordedCall[];
  /** The intention is on record. */
  begun: boolean;
  /** It was on record before, by an earlier attempt or a worker that was lost: what is there may be its effect. */
  tried: boolean;
  /** An earlier attempt, or that worker, may have made the change. */
  wrote: boolean;
  /** What is done about what is there now. */
  verb: Verb;
  /** Others whose dead statements go with the change. */
  deadGrants: ReadonlySet<string>;
  /** Those of them that are on record. */
  deadTold: ReadonlySet<string>;
  /** With which the intention was put on record; null where none is needed. */
  right: Right | null;
}

/** A transaction of the run that also stores the calls made since the last one, and tells the readers. */
async function commit(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  work: (tx: Tx, now: Date, awsRequestIds: string[]) => Promise<void>,
): Promise<void> {
  const calls = attempt.calls.splice(0);
  await ctx.lease.fenced(async (tx, now) => {
    if (calls.length > 0) await tx.awsCall.createMany({ data: calls.map((call) => rowOf(step.id, call)) });
    await work(
      tx,
      now,
      calls.flatMap(({ requestId }) => requestId ?? []),
    );
    await notify(tx, { topic: "run", id: ctx.lease.run.id });
  });
}

function rowOf(stepId: string, call: RecordedCall) {
  return {
    stepId,
    at: call.at,
    service: call.service,
    operation: call.operation,
    requestId: call.requestId ?? null,
    httpStatus: call.httpStatus ?? null,
    attempts: call.attempts,
    durationMs: call.durationMs,
    errorName: call.error?.name ?? null,
  };
}

/** @param now by the database's clock: other workers ask what was done lately, and their machines need not agree */
async function begin(tx: Tx, step: RunStep, attempt: Attempt, now: Date): Promise<void> {
  await move(tx, "step", { id: step.id }, "running", {
    verb: attempt.verb,
    attempts: { increment: 1 },
    startedAt: now,
    finishedAt: null,
    detail: null,
  });
}

/**
 * On record before AWS is called: after a crash, this says what may have been done.
 *
 * @param standing what the authorisation rested on; null where none is needed
 * @throws StandingChanged nothing is on record then
 */
export async function intend(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  standing: string | null,
): Promise<void> {
  const { key } = step.planned;
  const { run } = ctx.lease;
  const seenAt = ctx.deps.timing.now();
  const untold = [...attempt.deadGrants].filter((id) => !attempt.deadTold.has(id));
  await ctx.lease.fenced(async (tx, now) => {
    if (standing !== null && (await standingOf(tx, run)) !== standing)
      throw new StandingChanged(`What run ${run.id} rests on has changed.`);
    await begin(tx, step, attempt, now);
    await record(tx, ctx.history, { type: "step.intended", data: { key, verb: attempt.verb } });
    await recordDeadGrants(tx, ctx, step.planned.resource, untold);
    await notify(tx, { topic: "run", id: run.id });
  });
  attempt.begun = true;
  attempt.tried = true;
  attempt.deadTold = new Set([...attempt.deadTold, ...untold]);
  attempt.right = standing === null ? null : { standing, seenAt };
  ctx.log.info({ step: key, verb: attempt.verb }, "step begins");
}

/** Between the two halves of a step: its calls so far are on record, and it goes on. */
export async function storeCalls(ctx: RunContext, step: RunStep, attempt: Attempt): Promise<void> {
  await commit(ctx, step, attempt, async () => {});
}

/** Steps that never meant to change anything are skipped; the others have succeeded. */
export async function finishStep(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  outcome: Outcome,
  seen?: SeenResource,
): Promise<void> {
  const { key } = step.planned;
  const { begun, tried, verb } = attempt;
  await commit(ctx, step, attempt, async (tx, finishedAt, awsRequestIds) => {
    const end = { outcome: outcome.effect, detail: outcome.detail ?? null, finishedAt };
    if (seen) await putSnapshots(tx, [seen]);
    if (!begun && !tried) {
      await move(tx, "step", { id: step.id }, "skipped", end);
      return;
    }
    // Another attempt, which had nothing to do: of the one before it nobody knows which calls it has made.
    if (!begun) await move(tx, "step", { id: step.id }, "running", { attempts: { increment: 1 } });
    await move(tx, "step", { id: step.id }, "succeeded", end);
    const data = { key, verb, outcome: outcome.effect, awsRequestIds };
    await record(tx, ctx.history, { type: "step.succeeded", data });
  });
  ctx.log.info({ step: key, verb, outcome: outcome.effect }, "step done");
}

/** Back to waiting, with the reason: it is tried again after a pause. */
export async function postpone(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  failure: ClassifiedError,
  pauseMs: number,
): Promise<void> {
  const detail = `${failure.code}: ${failure.message} Tried again in ${(pauseMs / 1000).toFixed(1)} s.`;
  await putBack(ctx, step, attempt, detail);
  ctx.log.warn({ step: step.planned.key, code: failure.code, pauseMs }, "step is tried again");
}

/** Waiting again, and what it has called so far is on record. */
export async function putBack(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  detail: string,
): Promise<void> {
  const { begun } = attempt;
  attempt.begun = false;
  await commit(ctx, step, attempt, async (tx, finishedAt) => {
    // Until now it may have changed something, which others ask.
    if (begun) await move(tx, "step", { id: step.id }, "pending", { detail, finishedAt });
    else await tx.step.update({ where: { id: step.id }, data: { detail } });
  });
}

export async function failStep(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  failure: Failure,
): Promise<void> {
  const { key } = step.planned;
  const { begun, verb } = attempt;
  await commit(ctx, step, attempt, async (tx, finishedAt, awsRequestIds) => {
    // A failure while only looking is a failure of the step all the same.
    if (!begun) await begin(tx, step, attempt, finishedAt);
    await move(tx, "step", { id: step.id }, "failed", {
      error: json(failure),
      detail: null,
      finishedAt,
    });
    const { code = "Unknown", cause } = failure;
    await record(tx, ctx.history, { type: "step.failed", data: { key, verb, code, cause, awsRequestIds } });
  });
  ctx.log.error({ step: key, verb, failure }, "step failed");
}
