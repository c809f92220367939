import type { Controller, ControllerContext, Outcome } from "#lib/aws/controller.ts";
import { controllerFor } from "#lib/aws/controllers.ts";
import { ForeignResourceError } from "#lib/aws/errors.ts";
import { createWait } from "#lib/aws/wait.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { makePlan, type PlanStep, type Verb } from "#lib/plan/plan.ts";
import { authorise } from "./authorise.ts";
import { AwsFailure, failureOf, inAws, retrying } from "./aws-attempt.ts";
import { guardedClients, type RecordedCall } from "./clients.ts";
import { databaseNow } from "./deps.ts";
import { loadPicture, type Picture, stillWanted } from "./picture.ts";
import type { RunStep } from "./plan-run.ts";
import type { RunContext } from "./run-context.ts";
import { sessionPolicy } from "./session-policy.ts";
import { afterStep } from "./snapshot.ts";
import { type Attempt, failStep, finishStep, intend, postpone } from "./step-rows.ts";

/** Statements share the document of their resource; everything else is a thing of its own. */
function lockOf(resource: CloudResource): string {
  return resource.kind === "resource-policy-statements" ? resource.body.resourceArn : resource.key;
}

function removes(run: RunContext, picture: Picture, step: RunStep): boolean {
  return run.lease.run.kind === "revoke" && !picture.after.some(({ key }) => key === step.planned.key);
}

/**
 * Carries out one step: alone on its resource, looking again at what is there, and with its intention on record
 * before AWS is called. May be repeated after a crash at any point.
 */
export async function executeStep(
  ctx: RunContext,
  picture: Picture,
  step: RunStep,
): Promise<"done" | "failed"> {
  const { deps, lease } = ctx;
  const attempt: Attempt = { calls: [], begun: false, verb: step.planned.verb };
  if (keptForOthers(ctx, picture, step)) {
    await finishStep(ctx, step, attempt, {
      effect: "kept",
      detail: step.planned.reason ?? "Other grants need it.",
    });
    return "done";
  }
  try {
    await retrying(
      deps,
      { signal: lease.signal, withinMs: deps.timing.stepDeadlineMs },
      () => {
        lease.check();
        return deps.locks.withLock(lockOf(step.planned.resource), lease.run, lease.signal, (signal) =>
          attemptStep(ctx, picture, step, attempt, signal),
        );
      },
      (error, pauseMs) => postpone(ctx, step, attempt, error.failure, pauseMs),
    );
    return "done";
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
    await failStep(ctx, step, attempt, failureOf(error, step.planned.resource));
    return "failed";
  }
}

/** What a revocation leaves because other grants own it too, with the same body: there is nothing to look at. */
function keptForOthers(ctx: RunContext, picture: Picture, { planned }: RunStep): boolean {
  return (
    ctx.lease.run.kind === "revoke" &&
    planned.verb !== "update" &&
    picture.after.some(({ key }) => key === planned.key)
  );
}

async function attemptStep(
  ctx: RunContext,
  picture: Picture,
  step: RunStep,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<void> {
  const { deps, lease, readers } = ctx;
  const { resource } = step.planned;
  const cluster = picture.grants[0]?.workload.cluster;
  if (
    removes(ctx, picture, step) &&
    cluster &&
    (await stillWanted(deps.prisma, deps, cluster, resource.key))
  ) {
    // Approved since this run was planned.
    await finishStep(ctx, step, attempt, { effect: "kept", detail: "Another grant needs it by now." });
    return;
  }
  const controller = controllerFor(resource);
  const wait = createWait({
    signal: AbortSignal.any([signal, deps.stopping]),
    now: deps.timing.now,
    sleep: deps.timing.sleep,
    deadlineMs: deps.timing.visibleWithinMs,
  });
  const context = { installation: deps.installation, wait };
  const observed = await inAws(signal, attempt.calls, () =>
    controller.observe({ ...context, clients: readers.of(resource.accountId) }, resource),
  );
  const now = decide(ctx, picture, step, observed);
  attempt.verb = now?.verb ?? "keep";
  const observation = { resource, observed };
  if (!now || now.verb === "keep" || now.verb === "use") {
    const detail = now?.reason === undefined ? {} : { detail: now.reason };
    await finishStep(ctx, step, attempt, { effect: "unchanged", ...detail }, observation);
    return;
  }
  if (now.verb === "conflict")
    throw new AwsFailure(new ForeignResourceError(now.reason ?? "It is not ours."));

  // As late as can be: whatever was withdrawn or changed while this step waited stops it here.
  if (now.verb !== "delete")
    await authorise(deps.prisma, deps, lease.run, await loadPicture(deps.prisma, deps, lease.run));
  await intend(ctx, step, attempt);
  const outcome = await act(
    ctx,
    controller,
    context,
    { resource, observed, verb: now.verb },
    attempt.calls,
    signal,
  );
  await finishStep(ctx, step, attempt, outcome, {
    resource,
    observed: afterStep(resource, observed, outcome.effect),
  });
}

/** The plan for this one resource, made again from what is there now. */
function decide(ctx: RunContext, picture: Picture, step: RunStep, observed: Observed): PlanStep | undefined {
  const { resource } = step.planned;
  const seen = { [resource.key]: observed };
  const owners = { grantIds: resource.owners, observed: seen };
  if (ctx.lease.run.kind === "provision")
    return makePlan({ ...owners, before: [], after: [resource] }).steps[0];
  if (removes(ctx, picture, step)) return makePlan({ ...owners, before: [resource], after: [] }).steps[0];
  const before = picture.before.filter(({ key }) => key === resource.key);
  return makePlan({ before, after: [resource], grantIds: ctx.lease.run.grantIds, observed: seen }).steps[0];
}

/** One session of its own for the step, that can do this and nothing else, and ends soon after the lease. */
async function act(
  { deps, lease, readers, sourceIdentity }: RunContext,
  controller: Controller<CloudResource["kind"]>,
  context: Omit<ControllerContext, "clients">,
  { resource, observed, verb }: { resource: CloudResource; observed: Observed; verb: Verb },
  calls: RecordedCall[],
  signal: AbortSignal,
): Promise<Outcome> {
  const ends = new Date((await databaseNow(deps.prisma)).getTime() + deps.leaseSeconds * 1000);
  const purpose = {
    sessionName: `drawbridge-${lease.run.id}`,
    sourceIdentity,
    policy: sessionPolicy(resource, ends),
  };
  const { clients, close } = guardedClients(
    deps.sessions,
    readers.account(resource.accountId),
    purpose,
    () => {
      lease.check();
      signal.throwIfAborted();
    },
  );
  try {
    return await inAws(signal, calls, () => {
      if (verb === "create") return controller.create({ ...context, clients }, resource);
      if (verb === "update") return controller.update({ ...context, clients }, resource, observed);
      return controller.delete({ ...context, clients }, resource, observed);
    });
  } finally {
    close();
  }
}
