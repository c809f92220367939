import { z } from "zod";
import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import { retryRefusal } from "#lib/db/permissions.ts";
import { notFound } from "#lib/db/refusals.ts";
import { move, moveAll } from "#lib/db/transitions.ts";
import { Prisma } from "#lib/db/types.ts";
import { speaksFor } from "#lib/db/visibility.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import { runAuthorisationSchema } from "#lib/model/run.ts";
import type { Deps } from "./deps.ts";
import { type Mutation, mutate } from "./mutation.ts";
import { openRun } from "./open-run.ts";

export const retryRunSchema = z.strictObject({ runId: z.uuid() });

/** Queues a failed run once more. What it rests on is checked again by the worker, before every call. */
export function retryRun(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<{ runId: string }>> {
  return mutate(deps, actor, { schema: retryRunSchema, input }, async (mutation, { runId }) => {
    const { tx, scope, record } = mutation;
    const run = await openRun(mutation, runId);
    if (!run) return refused(notFound("run"));
    const objection = retryRefusal(run.standing, scope);
    if (objection) return refused(objection);

    const { kind, grantIds, requestId } = run.row;
    // What was taken away since it failed is given back by the word of who tries again, not of who asked then.
    const rests = runAuthorisationSchema.parse(run.row.authorisation);
    const words =
      rests.basis === "repair"
        ? { speaksFor: [...new Set(run.standing.accountIds)].filter((id) => speaksFor(scope, id)) }
        : null;
    await move(tx, "run", { id: runId }, "queued", {
      error: Prisma.DbNull,
      leaseOwner: null,
      leaseUntil: null,
      finishedAt: null,
      ...(words && { authorisation: { ...rests, ...words } }),
    });
    await moveAll(tx, "step", { runId, state: "failed" }, "pending", { error: Prisma.DbNull });
    // What is repaired is active, and stays so.
    if (kind !== "repair") await moveFailed(mutation, grantIds, kind === "provision");
    await record(
      { type: "run.retried", data: { kind, ...words } },
      { requestId, runId, accountIds: run.standing.accountIds },
    );
    await addJob(tx, "run", { runId }, { key: `run:${runId}` });
    await notify(tx, { topic: "run", id: runId });
    for (const id of grantIds) await notify(tx, { topic: "grant", id });
    return accepted({ runId });
  });
}

/** The grants that failed with the run are on their way again, which history says of each. */
async function moveFailed({ tx, record }: Mutation, grantIds: string[], provision: boolean): Promise<void> {
  const still = { state: "failed", wanted: provision };
  const failed = await tx.grant.findMany({ where: { id: { in: grantIds }, ...still } });
  for (const { id: grantId, requestId, targetArn: target, ...grant } of failed) {
    const moved = await moveAll(
      tx,
      "grant",
      { id: grantId, ...still },
      provision ? "provisioning" : "revoking",
    );
    if (moved !== 1) continue;
    const accountIds = [grant.clusterAccountId, grant.targetAccountId];
    await record(
      provision
        ? { type: "grant.provisioning", data: { target } }
        : { type: "grant.revoking", data: { target, reason: grant.revokeReason ?? "Retried." } },
      { requestId, grantId, accountIds },
    );
  }
}
