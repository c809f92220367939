import { ForeignResourceError, NotVisibleError, retryable } from "#lib/aws/errors.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { isMutating, makePlan, type PlanStep, type Verb } from "#lib/plan/plan.ts";
import { type Approval, approvalOf } from "./approval.ts";
import { refuseToGiveBack } from "./authorise-repair.ts";
import { AwsFailure, failureOf, retrying } from "./aws-attempt.ts";
import { deadGrantsIn, refuseToBlameOthers } from "./dead-grants.ts";
import { type Lazy, lazy } from "./lazy.ts";
import { closureOfRun, type Picture, RunRefused, wantedKeys } from "./picture.ts";
import type { RunStep } from "./plan-run.ts";
import type { RunContext } from "./run-context.ts";
import { afterStep } from "./snapshot.ts";
import { StandingChanged, surroundingsOf } from "./standing.ts";
import { type ActingSessions, act, actingSessions, endSessions, look } from "./step-act.ts";
import { type Attempt, failStep, finishStep, intend, postpone, putBack, storeCalls } from "./step-rows.ts";
import type { Work } from "./work.ts";
import { mayHaveWritten, refuseUnsettled, writtenLately } from "./written-lately.ts";

/** Statements share the document of their resource; everything else is a thing of its own. */
function lockOf(resource: CloudResource): string {
  return resource.kind === "resource-policy-statements" ? resource.body.resourceArn : resource.key;
}

/** Nobody wants it any more: of a revocation what its grants owned, of a change what only their earlier form had. */
function removes(picture: Picture, step: RunStep): boolean {
  return !picture.after.some(isOf(step));
}

/** The run's grants own or need it from now on. */
function provides({ lease: { run } }: RunContext, picture: Picture, step: RunStep): boolean {
  return run.kind !== "revoke" && closureOf(picture.after, run.grantIds).some(isOf(step));
}

/**
 * Carries out one step: alone on its resource, looking again at what is there, and with its intention on record
 * before AWS is called. May be repeated after a crash at any point.
 */
export async function executeStep(
  ctx: RunContext,
  picture: Picture,
  { step, attempt }: Work,
): Promise<"done" | "failed"> {
  if (keptForOthers(ctx, picture, step)) {
    await finishStep(ctx, step, attempt, {
      effect: "kept",
      detail: step.planned.reason ?? "Other grants need it.",
    });
    return "done";
  }
  const failed = await patiently(ctx, { step, attempt }, (signal) =>
    attemptStep(ctx, picture, step, attempt, signal),
  );
  if (!failed) return "done";
  await lookForNamed(ctx, picture, step, failed);
  await failStep(ctx, step, attempt, failureOf(failed, step.planned.resource));
  return "failed";
}

/** Of a role that AWS says it does not know: whether IAM has it. That tells "not yet visible" from "deleted". */
async function lookForNamed(
  ctx: RunContext,
  picture: Picture,
  { planned: { resource } }: RunStep,
  { failure }: AwsFailure,
): Promise<void> {
  // SQS does not say which part of a policy it dislikes.
  if (failure.kind !== "not-yet-visible" || !/principal|role/i.test(failure.message)) return;
  const roles = [...picture.after, ...picture.before].filter(
    ({ kind, key }) => kind === "role" && resource.dependsOn.includes(key),
  );
  if (roles.length === 0) return;
  try {
    const seen = await Promise.all(roles.map((role) => look(ctx, role, { calls: [] }, ctx.lease.signal)));
    failure.named = seen.every(({ state }) => state === "present") ? "present" : "absent";
  } catch (error) {
    // Then nothing more is known than what AWS said at first.
    if (!(error instanceof AwsFailure)) throw error;
  }
}

/**
 * The first half of a deletion: ends what was given out in the resource's name. The intention that it puts on record
 * is that of the deletion, which goes on with the same attempt. One that can't be cut off keeps no other from its end:
 * its own deletion tries that again.
 */
export async function cutOff(ctx: RunContext, picture: Picture, { step, attempt }: Work): Promise<"done"> {
  const { resource } = step.planned;
  const failed = await patiently(ctx, { step, attempt }, async (signal) => {
    if (await wantedByNow(ctx, picture, step)) return;
    const sessions = actingSessions(ctx, resource, attempt, signal);
    sessions("delete").catch(() => {});
    const observed = await look(ctx, resource, attempt, signal);
    if (decide(ctx, picture, step, observed)?.verb !== "delete") return;
    const approval = mayWiden(ctx, "delete") ? await approvalOf(ctx) : null;
    await intend(ctx, step, attempt, approval?.standing ?? null);
    await endSessions(ctx, await sessions("delete"), resource, attempt, signal);
    await storeCalls(ctx, step, attempt);
  });
  if (failed && attempt.begun) await putBack(ctx, step, attempt, failed.message);
  return "done";
}

/** Alone on the resource, and again while waiting may help. @returns what AWS said in the end, if that was no */
async function patiently(
  ctx: RunContext,
  { step, attempt }: Pick<Work, "step" | "attempt">,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<AwsFailure | undefined> {
  const { deps, lease } = ctx;
  try {
    await retrying(
      deps,
      { signal: lease.signal, withinMs: deps.timing.stepDeadlineMs },
      () => {
        lease.check();
        return deps.locks.withLock(lockOf(step.planned.resource), lease.run, lease.signal, work);
      },
      async (error, pauseMs) => {
        await postpone(ctx, step, attempt, error.failure, pauseMs);
        // Nobody waits for what nobody wants any more: who takes it back is waiting for this run.
        if (lease.run.kind !== "revoke") await approvalOf(ctx);
      },
    );
    return undefined;
  } catch (error) {
    if (error instanceof AwsFailure) return error;
    // Its right to go on ended between two of its calls.
    if (attempt.begun && error instanceof RunRefused) await failStep(ctx, step, attempt, error.failure);
    if (attempt.begun && error instanceof StandingChanged) await putBack(ctx, step, attempt, error.message);
    throw error;
  }
}

/** What the run's grants leave to others that own it too, with the same body: there is nothing to look at. */
function keptForOthers(ctx: RunContext, picture: Picture, step: RunStep): boolean {
  return step.planned.verb !== "update" && !removes(picture, step) && !provides(ctx, picture, step);
}

/** Of what is to be deleted: whether a grant that was approved since this run was planned needs it. */
async function wantedByNow(ctx: RunContext, picture: Picture, step: RunStep): Promise<boolean> {
  const { deps, lease, known } = ctx;
  const cluster = picture.grants[0]?.workload.cluster;
  if (!removes(picture, step) || !cluster) return false;
  const surroundings = await surroundingsOf(deps.prisma, lease.run);
  if (known.wanted?.surroundings !== surroundings)
    known.wanted = { keys: await wantedKeys(deps.prisma, deps, cluster), surroundings };
  return known.wanted.keys.has(step.planned.key);
}

async function attemptStep(
  ctx: RunContext,
  picture: Picture,
  step: RunStep,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<void> {
  if (await wantedByNow(ctx, picture, step)) {
    await finishStep(ctx, step, attempt, { effect: "kept", detail: "Another grant needs it by now." });
    return;
  }
  // What the plan says will be needed is asked for while we look; the answers are used, or not, afterwards.
  const { verb, resource } = step.planned;
  const ahead = isMutating(verb);
  const sessions = actingSessions(ctx, resource, attempt, signal);
  if (ahead) sessions(verb).catch(() => {});
  const approval = lazy(() => approvalOf(ctx), ahead && mayWiden(ctx, verb));
  await lookAndAct(ctx, picture, step, attempt, { sessions, approval, signal });
}

interface Means {
  sessions: ActingSessions;
  approval: Lazy<Approval>;
  signal: AbortSignal;
}

async function lookAndAct(
  ctx: RunContext,
  picture: Picture,
  step: RunStep,
  attempt: Attempt,
  { sessions, approval, signal }: Means,
): Promise<void> {
  const { resource } = step.planned;
  const [observed, lately] = await Promise.all([
    look(ctx, resource, attempt, signal),
    writtenLately(ctx, resource, { id: step.id, wrote: attempt.wrote }),
  ]);
  const now = decide(ctx, picture, step, observed);
  attempt.verb = now?.verb ?? "keep";
  refuseUnsettled(resource, observed, lately, !isMutating(attempt.verb));
  if (!now || now.verb === "keep" || now.verb === "use") {
    const detail = now?.reason === undefined ? {} : { detail: now.reason };
    await finishStep(ctx, step, attempt, { effect: "unchanged", ...detail }, { resource, observed });
    return;
  }
  if (now.verb === "conflict")
    throw new AwsFailure(new ForeignResourceError(now.reason ?? "It is not ours."));
  refuseToGiveBack(ctx.lease.run, now, () => refuseUnsettled(resource, observed, lately, true));
  attempt.deadGrants = await deadGrantsIn(ctx, resource, observed);
  if (!(await begin(ctx, step, attempt, approval))) return;
  try {
    const outcome = await act(
      ctx,
      await sessions(now.verb),
      {
        resource,
        observed,
        verb: now.verb,
        trust: trustFor(ctx, picture, resource),
        written: lately.written,
        occasion: step.id,
      },
      attempt,
      signal,
    );
    const after = { resource, observed: afterStep(resource, observed, outcome.effect) };
    await finishStep(ctx, step, attempt, outcome, after);
  } catch (error) {
    attempt.wrote ||= mayHaveWritten(attempt.calls);
    // A call whose answer was lost may have had its effect, and its repetition is then refused: a provider that is
    // gone bears no tag that allows its deletion.
    if (!(error instanceof AwsFailure) || retryable(error.failure.kind)) throw error;
    await refuseToBlameOthers(ctx, error);
    const after = await look(ctx, resource, attempt, signal);
    const then = decide(ctx, picture, step, after)?.verb;
    // Not seen at first, and there: what it takes now, the session was not given.
    if (now.verb === "create" && then === "update")
      throw new AwsFailure(new NotVisibleError(`${resource.key} is there, but was not seen at first.`));
    if (then !== "keep") throw error;
    refuseUnsettled(resource, after, { ...lately, wrote: attempt.wrote }, true);
    const detail = `AWS answered ${error.failure.code}, but it is as it should be.`;
    await finishStep(
      ctx,
      step,
      attempt,
      { effect: effects[now.verb], detail },
      { resource, observed: after },
    );
  }
}

/** Whom a role may let in that is given permissions by a run that may widen access. */
function trustFor(
  { lease }: RunContext,
  { after }: Picture,
  resource: CloudResource,
): PolicyDocument | undefined {
  if (resource.kind !== "role-policy" || lease.run.kind === "revoke") return undefined;
  const { accountId, body } = resource;
  // A permission to assume another role depends on that one too.
  for (const one of after)
    if (one.kind === "role" && one.accountId === accountId && one.body.name === body.roleName)
      return one.body.trust;
  return undefined;
}

/**
 * Puts the intention on record, if it may be carried out still: whatever was withdrawn or changed while this step
 * waited stops it here.
 *
 * @returns false when there is nothing left to do
 */
async function begin(
  ctx: RunContext,
  step: RunStep,
  attempt: Attempt,
  asked: Lazy<Approval>,
): Promise<boolean> {
  const { lease } = ctx;
  // Its first half did; the right is confirmed before each call.
  if (attempt.begun) return true;
  if (!mayWiden(ctx, attempt.verb)) {
    await intend(ctx, step, attempt, null);
    return true;
  }
  for (let approval = await asked(); ; approval = await approvalOf(ctx)) {
    const { picture, standing } = approval;
    if (lease.run.kind === "provision" && !closureOfRun(picture, lease.run.grantIds).some(isOf(step))) {
      attempt.verb = "keep";
      await finishStep(ctx, step, attempt, { effect: "unchanged", detail: "Its access was taken back." });
      return false;
    }
    try {
      await intend(ctx, step, attempt, standing);
      return true;
    } catch (error) {
      if (!(error instanceof StandingChanged)) throw error;
    }
  }
}

function mayWiden({ lease }: RunContext, verb: Verb): boolean {
  return verb !== "delete" || lease.run.kind !== "revoke";
}

function isOf({ planned }: RunStep) {
  return ({ key }: CloudResource) => key === planned.key;
}

const effects = { create: "created", update: "updated", delete: "deleted" } as const;

/** The plan for this one resource, made again from what is there now. */
function decide(ctx: RunContext, picture: Picture, step: RunStep, observed: Observed): PlanStep | undefined {
  const { resource } = step.planned;
  const seen = { [resource.key]: observed };
  const owners = { grantIds: resource.owners, observed: seen };
  if (provides(ctx, picture, step)) return makePlan({ ...owners, before: [], after: [resource] }).steps[0];
  if (removes(picture, step)) return makePlan({ ...owners, before: [resource], after: [] }).steps[0];
  const before = picture.before.filter(({ key }) => key === resource.key);
  return makePlan({ before, after: [resource], grantIds: ctx.lease.run.grantIds, observed: seen }).steps[0];
}
