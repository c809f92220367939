import { addJob } from "#lib/db/jobs.ts";
import { lockOpenChange } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { lapseOpenChange } from "#lib/db/open-change.ts";
import { ConflictError, move } from "#lib/db/transitions.ts";
import { Prisma } from "#lib/db/types.ts";
import type { RunAuthorisation } from "#lib/model/run.ts";
import { databaseNow, patience, type WorkerDeps } from "./deps.ts";
import { correlationOf, type RunHistory, record } from "./history.ts";

type ExpiryDeps = Pick<WorkerDeps, "prisma" | "log">;

/** Milliseconds after which a revocation that failed is tried again by itself. */
const revokeAgainAfterMs = 5 * 60_000;

/** How often it is tried again after just as long. */
const evenPauses = 3;

/**
 * From then on twice as long each time, up to this many times as long: what has failed for an hour is rarely mended within
 * minutes, and each try costs calls that others of the account wait for. A person may try again at any time.
 */
const longestPause = 12;

/**
 * Takes back grants whose end date has come, by the database's clock. The IAM conditions have ended the access
 * already: this removes what is left. One transaction a grant, so that one that fails holds up no other. One that is
 * still on its way counts too: its run goes on with the others of its approval.
 *
 * @param among only of these
 * @returns the grants
 */
export async function expireGrants(deps: ExpiryDeps, among?: readonly string[]): Promise<string[]> {
  const these = among ? Prisma.sql`"id" = ANY (${among})` : Prisma.sql`TRUE`;
  const due = await deps.prisma.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Grant"
    WHERE "wanted" AND "state" IN ('provisioning', 'active', 'failed') AND "expiresAt" <= clock_timestamp() AND ${these}
    ORDER BY "expiresAt" LIMIT 500`;
  const expired: string[] = [];
  for (const { id } of due) if (await expireGrant(deps, id)) expired.push(id);
  return expired;
}

async function expireGrant(deps: ExpiryDeps, id: string): Promise<boolean> {
  const reason = "Its end date has come.";
  try {
    await deps.prisma.$transaction(async (tx) => {
      await lockOpenChange(tx, id);
      // Asked again in the write: a renewal may have been approved since.
      const now = await databaseNow(tx);
      const due = { id, wanted: true, expiresAt: { lte: now } };
      await move(tx, "grant", due, "revoking", { wanted: false, revokeReason: reason });
      const lapsed = await lapseOpenChange(tx, id, now);
      const grant = await tx.grant.findUniqueOrThrow({ where: { id } });
      const authorisation: RunAuthorisation = { basis: "expiry" };
      const run = await tx.run.create({
        data: { kind: "revoke", requestId: grant.requestId, grantIds: [id], authorisation },
      });
      const history: RunHistory = {
        runId: run.id,
        requestId: grant.requestId,
        accountIds: [grant.clusterAccountId, grant.targetAccountId],
        correlationId: run.id,
      };
      const data = { target: grant.targetArn, reason };
      await record(tx, history, { type: "grant.revoking", data }, id);
      await record(tx, history, { type: "run.queued", data: { kind: run.kind } });
      if (lapsed)
        await record(
          tx,
          { ...history, runId: null, requestId: lapsed.id },
          { type: "request.lapsed", data: { number: lapsed.number } },
        );
      await addJob(tx, "run", { runId: run.id }, { key: `run:${run.id}` });
      await notify(tx, { topic: "grant", id });
      await notify(tx, { topic: "run", id: run.id });
    }, patience);
    deps.log.info({ grantId: id }, "grant expired");
    return true;
  } catch (error) {
    return leave(deps, error, { grantId: id }, "could not take an expired grant back");
  }
}

/** One that can't be moved holds up no other: the next look finds it again. */
function leave({ log }: ExpiryDeps, error: unknown, about: object, what: string): false {
  // Another worker, or a person, was faster.
  if (!(error instanceof ConflictError)) log.error({ ...about, err: error }, what);
  return false;
}

interface FailedRevocation {
  id: string;
  requestId: string | null;
  grantIds: string[];
  accounts: string[];
}

/**
 * Access that was to be taken away must go: a revocation that failed is tried again, after growing pauses, until it is
 * done or an admin gives it up. What it needs may have been mended meanwhile. Of several revocations of an access,
 * as after one that was given up, it is the latest: an earlier one may be about others that nobody has revoked once more.
 */
export async function retryRevocations(deps: ExpiryDeps, afterMs = revokeAgainAfterMs): Promise<string[]> {
  const failed = await deps.prisma.$queryRaw<FailedRevocation[]>`
    SELECT r."id", r."requestId", r."grantIds", array_agg(g."clusterAccountId") || array_agg(g."targetAccountId") AS accounts
    FROM "Run" r JOIN "Grant" g ON g."id" = ANY (r."grantIds")
    WHERE r."state" = 'failed' AND r."kind" = 'revoke'
      AND r."finishedAt" < clock_timestamp() - make_interval(secs => ${afterMs / 1000}) * (
        SELECT least(${longestPause}, power(2, least(9, greatest(0, count(*) - ${evenPauses}))))
        FROM "AuditEvent" e WHERE e."runId" = r."id" AND e."type" = 'run.failed')
      AND g."state" = 'failed' AND NOT g."wanted" AND NOT EXISTS (
        SELECT FROM "Run" o
        WHERE o."kind" = 'revoke' AND o."grantIds" @> ARRAY[g."id"] AND o."createdAt" > r."createdAt")
    GROUP BY r."id" ORDER BY r."finishedAt" LIMIT 50`;
  const again: string[] = [];
  for (const run of failed) if (await retryRevocation(deps, run)) again.push(run.id);
  return again;
}

async function retryRevocation(
  deps: ExpiryDeps,
  { id, requestId, grantIds, accounts }: FailedRevocation,
): Promise<boolean> {
  try {
    const correlationId = await correlationOf(deps.prisma, id, requestId);
    const history = { runId: id, requestId, accountIds: accounts, correlationId };
    await deps.prisma.$transaction(async (tx) => {
      await move(tx, "run", { id }, "queued");
      // Given up since it was found: whoever gives up holds the run meanwhile.
      const left = await tx.grant.count({ where: { id: { in: grantIds }, state: "failed", wanted: false } });
      if (left === 0) throw new ConflictError("grant", "revoking");
      await record(tx, history, { type: "run.retried", data: { kind: "revoke" } });
      // No job wakes a worker for it: whoever has a place to spare sees it at the next look.
      await notify(tx, { topic: "run", id });
    }, patience);
    return true;
  } catch (error) {
    return leave(deps, error, { runId: id }, "could not take a failed revocation up again");
  }
}
