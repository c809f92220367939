import { ForeignResourceError } from "#lib/aws/errors.ts";
import { isDatabaseTrouble } from "#lib/db/trouble.ts";
import type { ObservedState } from "#lib/model/cloud-resource.ts";
import { askerWords, type ProvenRow } from "#lib/model/proven-access.ts";
import type { Failure } from "#lib/model/run.ts";
import { makePlan } from "#lib/plan/plan.ts";
import { approvalOf, pictureNow, type Right, rightOf, whileRightful } from "./approval.ts";
import { authorise } from "./authorise.ts";
import { AwsFailure, failureOf } from "./aws-attempt.ts";
import { lookBeforehand, objection } from "./beforehand.ts";
import { Stopped, type WorkerDeps } from "./deps.ts";
import { beginGrants, fail, succeed } from "./finish.ts";
import { runGraph } from "./graph.ts";
import { correlationOf, record } from "./history.ts";
import { type Lease, LostLease, takeLease } from "./lease.ts";
import { LostLock } from "./locks.ts";
import { loadPicture, type Picture, RunRefused } from "./picture.ts";
import { persistPlan, type RunStep, resourceKeyOf } from "./plan-run.ts";
import { withForeignPolicies } from "./repair.ts";
import { createReaders, type RunContext } from "./run-context.ts";
import { StandingChanged } from "./standing.ts";
import { cutOff, executeStep } from "./step.ts";
import { type ReadBack, verify } from "./verify.ts";
import { workOf } from "./work.ts";

/** Independent steps of one run at a time. */
export const stepsAtATime = 6;

/** Seconds before a run that met trouble with the database is taken up again. */
const pauseAfterTrouble = 3;

/**
 * Takes the run and carries it to its end. Nothing is assumed of what happened before: the same code begins a run,
 * goes on with one that another worker left, and repeats one that failed.
 *
 * @returns `elsewhere`: somebody else has it; `left`: it waits to be taken up again
 */
export async function executeRun(deps: WorkerDeps, runId: string): Promise<"ended" | "left" | "elsewhere"> {
  const lease = await takeLease(deps, runId);
  if (!lease) return "elsewhere";
  const log = deps.log.child({ runId, requestId: lease.run.requestId, fence: lease.run.fence });
  log.info({ kind: lease.run.kind, from: lease.run.takenOverFrom }, "run taken");
  let ctx: RunContext | undefined;
  try {
    ctx = await openRun(deps, lease, log);
    await carryOut(ctx);
    return "ended";
  } catch (error) {
    return await settle(deps, lease, ctx, error);
  } finally {
    lease.stop();
  }
}

async function openRun(deps: WorkerDeps, lease: Lease, log: RunContext["log"]): Promise<RunContext> {
  const { run } = lease;
  const [grants, request, correlationId] = await Promise.all([
    deps.prisma.grant.findMany({ where: { id: { in: run.grantIds } } }),
    run.requestId ? deps.prisma.request.findUnique({ where: { id: run.requestId } }) : null,
    correlationOf(deps.prisma, run.id, run.requestId),
  ]);
  const accountIds = grants.flatMap((grant) => [grant.clusterAccountId, grant.targetAccountId]);
  const history = { runId: run.id, requestId: run.requestId, accountIds, correlationId };
  const sourceIdentity = request ? `request-${request.number}` : `run-${run.id}`;
  const { takenOverFrom: from } = run;
  if (from !== null)
    await lease.fenced((tx) =>
      record(tx, history, { type: "run.taken-over", data: { worker: deps.worker, from } }),
    );
  const readers = createReaders(deps, lease.check, { sessionName: `drawbridge-${run.id}`, sourceIdentity });
  return { deps, lease, log: log.child({ correlationId }), history, sourceIdentity, readers, known: {} };
}

async function carryOut(ctx: RunContext): Promise<void> {
  const { deps, lease, readers } = ctx;
  const begun = beginGrants(ctx);
  // It may fail before the picture is there, when nobody waits for it yet: that must not end the process.
  begun.catch(() => {});
  const loaded = await loadPicture(deps.prisma, deps, lease.run).finally(() => begun);
  readers.know(loaded.estate);
  const right = await rightOf(ctx);
  // Looking needs no approval, and AWS is the slower of the two.
  const looking = whileRightful(ctx, right, (reading) => lookBeforehand(reading, loaded));
  looking.catch(() => {});
  await authorise(deps.prisma, deps, lease.run, loaded).catch(async (error: unknown) => {
    if (!(error instanceof RunRefused)) throw error;
    // Throws the same, unless it was the picture that was old: then the run begins again.
    await approvalOf(ctx);
    throw new StandingChanged("What the run rests on changed as it began.");
  });

  const beforehand = await looking;
  // What could not be read because the process ends is no finding.
  if (deps.stopping.aborted) throw new Stopped("The worker is stopping.");
  const seen = { picture: loaded, observed: beforehand.observed };
  const { picture, observed } =
    lease.run.kind === "repair"
      ? await whileRightful(ctx, right, (reading) => withForeignPolicies(reading, seen))
      : seen;
  const steps = await plan(ctx, picture, observed);
  const objected = objection(beforehand.findings);
  if (objected) return fail(ctx, objected);
  // What can't be taken away keeps nothing else that goes: its own step fails.
  const conflict = steps.find(({ planned }) => planned.verb === "conflict");
  if (conflict && lease.run.kind !== "revoke") return fail(ctx, conflictFailure(conflict));

  const all = await runGraph(
    workOf(steps),
    stepsAtATime,
    () => !deps.stopping.aborted && !lease.signal.aborted,
    (work) => (work.half ? cutOff(ctx, picture, work) : executeStep(ctx, picture, work)),
  );
  lease.check();
  if (!all) return fail(ctx, await firstFailure(ctx));
  // Grants of an approval may have been taken back meanwhile: they are no longer expected to be there.
  const latest = lease.run.kind === "provision" ? await pictureNow(ctx) : picture;
  await readBack(ctx, latest, right);
}

/** Plans, and puts the plan on record before anything is done. */
function plan(ctx: RunContext, picture: Picture, observed: ObservedState): Promise<RunStep[]> {
  const { lease, deps, history } = ctx;
  const { grantIds, kind } = lease.run;
  const { steps } = makePlan({ before: picture.before, after: picture.after, grantIds, observed });
  return persistPlan(lease, steps, (tx) =>
    record(tx, history, {
      type: "run.started",
      data: { kind, worker: deps.worker, steps: steps.length },
    }),
  );
}

async function readBack(ctx: RunContext, picture: Picture, right: Right | null): Promise<void> {
  const { deps, lease } = ctx;
  const rows = await deps.prisma.step.findMany({
    where: { runId: lease.run.id },
    orderBy: { position: "asc" },
    select: { key: true, resource: true, outcome: true },
  });
  // A resource that something was done about again has another row: what was kept at first may be gone by now.
  const last = new Map(rows.map((row) => [resourceKeyOf(row), row.outcome]));
  const left = new Set([...last].flatMap(([key, outcome]) => (outcome === "kept" ? [key] : [])));
  const verification = await whileRightful(ctx, right, (reading) => verify(reading, picture, left));
  if (verification.ok) return succeed(ctx, picture, verification);
  const wrong = verification.resources.filter(({ ok }) => !ok);
  const [row] = [...verification.evaluated.values()].flat().filter(({ ok, byOthers }) => !ok && !byOthers);
  const failure = wrong.length === 0 && row ? provenFailure(row) : differsFailure(wrong);
  await fail(ctx, failure, { picture, verification });
}

/** What becomes of a run that did not come to its end. */
async function settle(
  deps: WorkerDeps,
  lease: Lease,
  ctx: RunContext | undefined,
  error: unknown,
): Promise<"ended" | "left"> {
  const log = ctx?.log ?? deps.log.child({ runId: lease.run.id });
  if (error instanceof LostLease || lease.signal.aborted) {
    log.warn({ err: error }, "run lost");
    return "left";
  }
  // The graph ends without an error when it is stopped between two steps; then steps are left.
  if (error instanceof Stopped || deps.stopping.aborted) {
    await lease.release();
    log.info("run released: the worker is stopping");
    return "left";
  }
  const failure = explained(error);
  if (!failure || !ctx) {
    log.error({ err: error }, "run left for later");
    await lease.release(pauseAfterTrouble);
    return "left";
  }
  if (failure.code === unforeseen) log.error({ err: error }, "unforeseen error");
  await fail(ctx, failure);
  return "ended";
}

const unforeseen = "Unforeseen";

/** Undefined: trouble with the database, which says nothing about the run. */
function explained(error: unknown): Failure | undefined {
  if (error instanceof RunRefused) return error.failure;
  if (error instanceof AwsFailure && error.about) return failureOf(error, error.about);
  if (error instanceof LostLock || error instanceof StandingChanged || isDatabaseTrouble(error))
    return undefined;
  return {
    cause: `Drawbridge itself failed: ${error instanceof Error ? error.message : String(error)}`,
    nextStep:
      "Retry. If it happens again, report it with the id of the run; the worker's log has the details.",
    code: unforeseen,
  };
}

function conflictFailure({ planned }: RunStep): Failure {
  const why = planned.reason ?? "It was not made by this Drawbridge.";
  const reason = planned.observed?.state === "absent" ? why : `${planned.key} is in the way. ${why}`;
  return failureOf(new AwsFailure(new ForeignResourceError(reason)), planned.resource);
}

async function firstFailure({ deps, lease }: RunContext): Promise<Failure> {
  if (deps.stopping.aborted) throw new Stopped("The worker is stopping.");
  const step = await deps.prisma.step.findFirst({
    where: { runId: lease.run.id, state: "failed" },
    orderBy: { position: "asc" },
  });
  // A failed step's error was written from a `Failure`.
  const failure = step?.error as Failure | null | undefined;
  return failure ?? { cause: "A step did not come to its end.", nextStep: "Retry the run." };
}

function provenFailure({ who, resource, reason }: ProvenRow): Failure {
  if (who === "workload-beyond")
    return {
      cause: `All documents are as they should be, and yet the workload may do more than was approved, by the policies as they are in AWS. ${reason}`,
      nextStep:
        "The proof says by which statement: ask its account's owner to mend it, then retry; or roll back.",
      code: "Evaluation",
    };
  const [does, nextStep] =
    who === "workload"
      ? [
          "does not get what was approved",
          "A statement of others in the target's policy or the boundary decides otherwise: ask the account's owner to mend it, then retry; or roll back.",
        ]
      : [
          "gets in",
          "A trust policy, or a statement in the target's policy, lets them in: the proof says which. Have it mended, then retry; or roll back.",
        ];
  return {
    cause: `All documents are as they should be, and yet: ${askerWords[who]} ${does} at ${resource}, by the policies as they are in AWS. ${reason}`,
    nextStep,
    code: "Evaluation",
  };
}

function differsFailure(wrong: readonly ReadBack[]): Failure {
  const [first, ...more] = wrong;
  const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
  return {
    cause: first
      ? `Read back from AWS, ${first.key} is not as it should be: ${first.differences.join(", ")}${rest}.`
      : "What was read back from AWS is not as it should be.",
    nextStep:
      "AWS may show a change late: retry the run in a few minutes. If it is still so then, somebody else is changing it: look at the account's CloudTrail.",
    code: "ReadBack",
  };
}
