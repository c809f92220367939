import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import { move, moveAll } from "#lib/db/transitions.ts";
import { Prisma, type Tx } from "#lib/db/types.ts";
import { changeWord, type GrantChangeWord } from "#lib/model/grant-change.ts";
import type { Failure } from "#lib/model/run.ts";
import type { GrantState } from "#lib/model/states.ts";
import { databaseNow } from "./deps.ts";
import { driftRepaired, lookAgain } from "./drift-record.ts";
import { record } from "./history.ts";
import { closureOfRun, type Picture } from "./picture.ts";
import type { RunContext } from "./run-context.ts";
import { putSnapshots } from "./snapshot.ts";
import type { VerificationResult } from "./verify.ts";

interface GrantFacts {
  id: string;
  targetArn: string;
}

/** Moves each of the run's grants that is in one of these states, with its event. */
async function moveGrants(
  tx: Tx,
  ctx: RunContext,
  from: GrantState[],
  to: GrantState,
  data: { activatedAt?: Date; driftCheckedAt?: Date; revokedAt?: Date; changeRunId?: null },
  event: (grant: GrantFacts) => Parameters<typeof record>[2],
): Promise<void> {
  const { grantIds, kind } = ctx.lease.run;
  // One that a person has taken back meanwhile is the business of the run that takes it away.
  const wanted = kind !== "revoke";
  const grants = await tx.grant.findMany({ where: { id: { in: grantIds }, state: { in: from }, wanted } });
  for (const grant of grants) {
    const moved = await moveAll(tx, "grant", { id: grant.id, state: { in: from } }, to, data);
    if (moved === 1) await record(tx, ctx.history, event(grant), grant.id);
    await notify(tx, { topic: "grant", id: grant.id });
  }
}

/**
 * Live grants stay active while this run leads them from one approved form to another: only that they are on the way
 * ends with it. One that was taken back meanwhile is not among them.
 */
async function changeGrants(
  tx: Tx,
  ctx: RunContext,
  data: { changeRunId?: null },
  event: (change: GrantChangeWord, grant: GrantFacts) => Parameters<typeof record>[2],
): Promise<void> {
  const { id, requestId, authorisation } = ctx.lease.run;
  const from = authorisation.basis === "approval" ? authorisation.from : undefined;
  const request = from && requestId ? await tx.request.findUnique({ where: { id: requestId } }) : null;
  const change = request && changeWord(request, from);
  if (!change) return;
  const where = { changeRunId: id, state: "active", wanted: true };
  for (const grant of await tx.grant.findMany({ where })) {
    const { count } = await tx.grant.updateMany({ where: { ...where, id: grant.id }, data });
    if (count === 1) await record(tx, ctx.history, event(change, grant), grant.id);
    // What was found of the form before, or after a change that failed, may be mended by this one.
    if (count === 1 && data.changeRunId === null) await lookAgain(tx, grant.id);
    await notify(tx, { topic: "grant", id: grant.id });
  }
}

/** The grants are on their way: those of a new run, and those of a failed one that is tried again. */
export async function beginGrants(ctx: RunContext): Promise<void> {
  const { kind } = ctx.lease.run;
  // What is repaired stays active.
  if (kind === "repair") return;
  await ctx.lease.fenced((tx) =>
    kind === "provision"
      ? moveGrants(tx, ctx, ["pending", "failed"], "provisioning", {}, ({ targetArn }) => ({
          type: "grant.provisioning",
          data: { target: targetArn },
        }))
      : moveGrants(tx, ctx, ["active", "provisioning", "failed"], "revoking", {}, ({ targetArn }) => ({
          type: "grant.revoking",
          data: { target: targetArn, reason: "Retried." },
        })),
  );
}

async function tellReaders(tx: Tx, ctx: RunContext): Promise<void> {
  const { id, requestId, kind, grantIds } = ctx.lease.run;
  await notify(tx, { topic: "run", id });
  // Other runs say so where they move the grants.
  if (kind === "repair") for (const grantId of grantIds) await notify(tx, { topic: "grant", id: grantId });
  if (requestId) await notify(tx, { topic: "request", id: requestId });
}

/** Run, grants, proof and history in one transaction. */
export async function succeed(
  ctx: RunContext,
  picture: Picture,
  verification: VerificationResult,
): Promise<void> {
  const { lease, deps } = ctx;
  const { id, kind, startedAt } = lease.run;
  const now = await databaseNow(deps.prisma);
  await lease.fenced(async (tx) => {
    await storeVerification(tx, ctx, picture, verification);
    if (kind === "provision")
      await moveGrants(
        tx,
        ctx,
        ["provisioning"],
        "active",
        { activatedAt: now, driftCheckedAt: now },
        ({ targetArn }) => ({ type: "grant.active", data: { target: targetArn } }),
      );
    else if (kind === "repair") await driftRepaired(tx, ctx, now);
    else
      await moveGrants(
        tx,
        ctx,
        ["revoking"],
        "revoked",
        { revokedAt: now, changeRunId: null },
        ({ targetArn }) => ({
          type: "grant.revoked",
          data: { target: targetArn },
        }),
      );
    await changeGrants(tx, ctx, { changeRunId: null }, (change, { targetArn }) => ({
      type: "grant.changed",
      data: { target: targetArn, change },
    }));
    await move(tx, "run", { id }, "succeeded", {
      finishedAt: now,
      leaseOwner: null,
      leaseUntil: null,
      error: Prisma.DbNull,
    });
    const durationMs = now.getTime() - startedAt.getTime();
    await record(tx, ctx.history, { type: "run.succeeded", data: { kind, durationMs } });
    await tellReaders(tx, ctx);
  });
  ctx.log.info({ durationMs: now.getTime() - startedAt.getTime() }, "run succeeded");
}

/** Only grants that this run was moving fail with it: one that is being revoked meanwhile is not its to judge. */
export async function fail(
  ctx: RunContext,
  failure: Failure,
  proof?: { picture: Picture; verification: VerificationResult },
): Promise<void> {
  const { lease, deps } = ctx;
  const { id, kind } = lease.run;
  const now = await databaseNow(deps.prisma);
  const { cause } = failure;
  await lease.fenced(async (tx) => {
    if (proof) await storeVerification(tx, ctx, proof.picture, proof.verification);
    // Roles that were cut off, and then not deleted because of another step.
    await moveAll(tx, "step", { runId: id, state: "running" }, "pending", { finishedAt: now });
    const moving: GrantState = kind === "provision" ? "provisioning" : "revoking";
    if (kind !== "repair")
      await moveGrants(tx, ctx, [moving], "failed", {}, ({ targetArn }) => ({
        type: "grant.failed",
        data: { target: targetArn, cause },
      }));
    await changeGrants(tx, ctx, {}, (change, { targetArn }) => ({
      type: "grant.change-failed",
      data: { target: targetArn, change, cause },
    }));
    await move(tx, "run", { id }, "failed", {
      finishedAt: now,
      leaseOwner: null,
      leaseUntil: null,
      error: json(failure),
    });
    await record(tx, ctx.history, { type: "run.failed", data: { kind, cause } });
    await tellReaders(tx, ctx);
  });
  ctx.log.error({ failure }, "run failed");
}

/** What was read back, for each grant the part that is its own. */
async function storeVerification(
  tx: Tx,
  ctx: RunContext,
  picture: Picture,
  verification: VerificationResult,
): Promise<void> {
  await putSnapshots(tx, verification.seen);
  for (const { id: grantId } of picture.grants) {
    const own = new Set(closureOfRun(picture, [grantId]).map(({ key }) => key));
    const resources = verification.resources.filter(({ key }) => own.has(key));
    const evaluated = verification.evaluated.get(grantId) ?? [];
    const ok = [...resources, ...evaluated].every((one) => one.ok);
    await tx.verification.create({
      data: { grantId, source: "documents", ok, report: json({ resources, evaluated }) },
    });
    await record(tx, ctx.history, { type: "grant.verified", data: { source: "documents", ok } }, grantId);
  }
}
