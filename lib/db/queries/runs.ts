import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { accountsLeft } from "#lib/model/giving-up.ts";
import { changeWord } from "#lib/model/grant-change.ts";
import type { Actor } from "#lib/model/person.ts";
import { type Failure, failureSchema, type RunKind, runAuthorisationSchema } from "#lib/model/run.ts";
import type { RunState, StepState } from "#lib/model/states.ts";
import { workloadOf } from "../estate.ts";
import { giveUpRefusal, isGivenUp, retryRefusal, rollBackRunRefusal } from "../permissions.ts";
import type { Db, Prisma, Reader } from "../types.ts";
import { requestsVisible, type Scope, scopeOf } from "../visibility.ts";
import { idPatterns } from "./keyset.ts";
import { leftBehindBy, leftViews } from "./left-behind.ts";
import { grantStanding } from "./loaded-grant.ts";
import { type LoadedRun, leftOf, loadRun, revocationsLeft } from "./loaded-run.ts";
import { accountNames, peopleById } from "./people-views.ts";
import { resourceTitle } from "./plan-view.ts";
import type { CallView, GiveUpView, RunRow, RunStepView, RunView } from "./views/run.ts";

/** Null when there is none or the actor does not see it. */
export async function runView(reader: Reader, actor: Actor, runId: string): Promise<RunView | null> {
  const { prisma } = reader;
  if (!idPatterns.uuid.test(runId)) return null;
  const scope = await scopeOf(prisma, actor);
  const run = await loadRun(prisma, scope, runId);
  if (!run) return null;
  const [[row], steps, names] = await Promise.all([
    runRows(prisma, [run.row]),
    prisma.step.findMany({
      where: { runId },
      include: { calls: { orderBy: [{ at: "asc" }, { id: "asc" }] } },
      orderBy: { position: "asc" },
    }),
    accountNames(prisma),
  ]);
  if (!row) return null;
  const [grant] = run.grants;
  return {
    ...row,
    steps: steps.map((step) => stepView(step, names)),
    workload: grant ? workloadOf(grant) : null,
    retry: retryRefusal(run.standing, scope),
    rollBack: rollBackRunRefusal(run.standing, leftOf(run).map(grantStanding), scope),
    giveUp: await giveUpView(prisma, run, scope, names),
  };
}

async function giveUpView(
  db: Db,
  run: LoadedRun,
  scope: Scope,
  names: (id: string) => string | undefined,
): Promise<GiveUpView> {
  const { row, grants, standing } = run;
  const refusal = giveUpRefusal(standing, scope);
  const done = isGivenUp(standing);
  const left = refusal ? [] : await leftBehindBy(db, row.id);
  return {
    done,
    takenOver: row.kind === "revoke" && row.state === "failed" && !done && revocationsLeft(run).length === 0,
    grantIds: grants.filter(({ state }) => state === "given_up").map(({ id }) => id),
    refusal,
    left: leftViews(left, names),
    confirmation: accountsLeft(left, standing.accountIds),
  };
}

/** The runs of a request the actor sees, newest first. */
export async function runsForRequest(reader: Reader, actor: Actor, number: number): Promise<RunRow[]> {
  const { prisma } = reader;
  const scope = await scopeOf(prisma, actor);
  const rows = await prisma.run.findMany({
    where: { request: { is: { AND: [{ number }, requestsVisible(scope)] } } },
    include: withNumber,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 100,
  });
  return runRows(prisma, rows);
}

export const withNumber = {
  request: { select: { number: true, kind: true, baseRequestId: true } },
} satisfies Prisma.RunInclude;

/** Rows of the runs, in the order given. The caller has checked that they may be seen. */
export async function runRows(
  db: Db,
  rows: readonly Prisma.RunGetPayload<{ include: typeof withNumber }>[],
): Promise<RunRow[]> {
  const [counts, person] = await Promise.all([
    db.step.groupBy({
      by: ["runId", "state"],
      where: { runId: { in: rows.map((row) => row.id) } },
      _count: true,
    }),
    peopleById(
      db,
      rows.map((row) => row.requestedById),
    ),
  ]);
  return rows.map((row) => {
    const own = counts.filter((count) => count.runId === row.id);
    const sum = (states?: readonly string[]) =>
      own
        .filter((count) => states?.includes(count.state) ?? true)
        .reduce((total, { _count }) => total + _count, 0);
    return {
      id: row.id,
      kind: row.kind as RunKind,
      change: row.request && changeWord(row.request, fromOf(row.authorisation)),
      // CHECK constraints hold these columns to the states of lib/model.
      state: row.state as RunState,
      requestNumber: row.request?.number ?? null,
      grantIds: row.grantIds,
      requestedBy: row.requestedById === null ? null : person(row.requestedById),
      createdAt: row.createdAt.toISOString(),
      startedAt: row.startedAt?.toISOString() ?? null,
      finishedAt: row.finishedAt?.toISOString() ?? null,
      steps: { total: sum(), succeeded: sum(["succeeded", "skipped"]), failed: sum(["failed"]) },
      error: failureOf(row.error),
    };
  });
}

function fromOf(authorisation: Prisma.JsonValue): string[] | undefined {
  const parsed = runAuthorisationSchema.parse(authorisation);
  return parsed.basis === "approval" ? parsed.from : undefined;
}

function failureOf(json: Prisma.JsonValue): Failure | null {
  return failureSchema.safeParse(json).data ?? null;
}

function stepView(
  step: Prisma.StepGetPayload<{ include: { calls: true } }>,
  accountName: (id: string) => string | undefined,
): RunStepView {
  return {
    id: step.id,
    position: step.position,
    key: step.key,
    kind: step.kind,
    // The worker writes this column from a `CloudResource` of its plan.
    title: resourceTitle(step.resource as unknown as CloudResource),
    accountId: step.accountId,
    accountName: accountName(step.accountId) ?? step.accountId,
    region: step.region,
    verb: step.verb,
    state: step.state as StepState,
    dependsOn: step.dependsOn,
    attempts: step.attempts,
    startedAt: step.startedAt?.toISOString() ?? null,
    finishedAt: step.finishedAt?.toISOString() ?? null,
    outcome: step.outcome,
    detail: step.detail,
    error: failureOf(step.error),
    calls: step.calls.map(callView),
  };
}

function callView(call: Prisma.AwsCallGetPayload<object>): CallView {
  const { id, at, service, operation, requestId, httpStatus, attempts, durationMs, errorName } = call;
  return {
    id,
    at: at.toISOString(),
    service,
    operation,
    requestId,
    httpStatus,
    attempts,
    durationMs,
    errorName,
  };
}
