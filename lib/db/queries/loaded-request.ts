import { z } from "zod";
import {
  type ApprovalRequirement,
  type ApprovalVote,
  approvalRequirementSchema,
} from "#lib/model/approvals.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { preflightFindingSchema } from "#lib/model/run.ts";
import type { RequestState } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";
import { workloadOf } from "../estate.ts";
import type { RequestStanding } from "../permissions.ts";
import type { Db, Prisma } from "../types.ts";
import { requestsVisible, type Scope } from "../visibility.ts";

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
  const requirements = z.array(approvalRequirementSchema).parse(version.approvals);
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
    standing: {
      state,
      requesterId: row.requesterId,
      workload,
      accountIds: row.accountIds,
      requirements,
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
