import type { GrantState } from "#lib/model/states.ts";
import { workloadOf } from "../estate.ts";
import type { GrantStanding } from "../permissions.ts";
import type { Prisma } from "../types.ts";

/** How a grant stands, as far as it decides what may be done with it. */
export function grantStanding(row: Prisma.GrantGetPayload<object>): GrantStanding {
  return {
    // A CHECK constraint holds this column to the states of lib/model.
    state: row.state as GrantState,
    ownerId: row.ownerId,
    workload: workloadOf(row),
    targetAccountId: row.targetAccountId,
  };
}
