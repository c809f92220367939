import { z } from "zod";
import { type ApprovalRequirement, type ApprovalVote, asksForConfirmation } from "#lib/model/approvals.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import type { Risk } from "#lib/model/risk.ts";
import { preflightFindingSchema } from "#lib/model/run.ts";
import type { RequestState } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";
import { workloadOf } from "../estate.ts";
import type { RequestStanding } from "../permissions.ts";
import type { Db, Prisma } from "../types.ts";
import { requestsVisible, type Scope } from "../visibility.ts";
import { versionRequirements } from "./version-requirements.ts";

const parts = {
  requester: true,
  versions: { include: { author: true }, orderBy: { number: "desc" } },
  reviews: { include: { person: true }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] },
} satisfies Prisma.RequestInclude;

/** A request with its current version, its columns turned into values of the model. */
export interface LoadedRequest {
  row: Prisma.RequestGetPayload<{ include: typeof parts }>;
  state: RequestState;
  workload: Workload;
  version: Prisma.RequestVersionGetPayload<{ include: { author: true } }>;
  grants: Grant[];
  requirements: ApprovalRequirement[];
  risk: Risk;
  standing: RequestStanding;
}

/** Null when there is none or the scope does not see it. */
export async function loadRequest(
  db: Db,
  scope: Scope,
  where: { number: number } | { id: string },
  now: Date,
): Promise<LoadedRequest | null> {
  const row = await db.request.findFirst({ where: { AND: [where, requestsVisible(scope)] }, include: parts });
  const version = row?.versions.find((one) => one.number === row.currentVersion);
  if (!row || !version) return null;
  const grants = z.array(grantSchema).parse(version.grants);
  const { requirements, risk } = versionRequirements(version);
  // CHECK constraints hold these columns to the states of lib/model.
  const state = row.state as RequestState;
  const workload = workloadOf(row);
  return {
    row,
    state,
    workload,
    version,
    grants,
    requirements,
    risk,
    standing: {
      state,
      requesterId: row.requesterId,
      workload,
      accountIds: row.accountIds,
      requirements,
      confirmation: asksForConfirmation(risk.level) ? await openedAccounts(db, grants) : null,
      votes: row.reviews
        .filter((review) => review.version === version.number)
        .map(
          (review): ApprovalVote => ({
            personId: review.personId,
            decision: review.decision as ApprovalVote["decision"],
          }),
        ),
      preflight: {
        state: version.preflightState,
        finished: version.preflightFinishedAt !== null,
        findings: z.array(preflightFindingSchema).parse(version.preflightFindings),
      },
      expired: grants.some(({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) <= now.getTime()),
    },
  };
}

/** The names of all accounts that the access leads into, in the order of the grants: what is typed to confirm it. */
async function openedAccounts(db: Db, grants: readonly Grant[]): Promise<string> {
  const ids = [...new Set(grants.map(({ target }) => target.accountId))];
  const accounts = await db.account.findMany({
    where: { id: { in: ids } },
    select: { id: true, name: true },
  });
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  return ids.map((id) => names.get(id) ?? id).join(", ");
}
