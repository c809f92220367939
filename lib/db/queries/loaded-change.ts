import { changeWord, type GrantChangeWord } from "#lib/model/grant-change.ts";
import { type Failure, failureSchema, runAuthorisationSchema } from "#lib/model/run.ts";
import type { GrantState, RunState } from "#lib/model/states.ts";
import { type OpenChange, openChange } from "../open-change.ts";
import type { ChangeStanding } from "../permissions.ts";
import type { Db, Prisma } from "../types.ts";

/** The run that leads a grant from one approved form to another and has not come to its end. */
export interface ChangeRun {
  id: string;
  state: RunState;
  change: GrantChangeWord | null;
  requestNumber: number | null;
  /** The approved requests whose form may be in AWS, the latest first. */
  from: string[];
  error: Failure | null;
}

/** What is under way of a grant. */
export interface LoadedChange {
  run: ChangeRun | null;
  open: OpenChange | null;
  standing: ChangeStanding;
}

/** @param reconsidered the id of the open change that is being revised or decided, and so does not count */
export async function loadChange(
  db: Db,
  grant: Prisma.GrantGetPayload<object>,
  now: Date,
  reconsidered?: string,
): Promise<LoadedChange> {
  const open = await openChange(db, grant.id);
  const run = grant.changeRunId === null ? null : await changeRunOf(db, grant.changeRunId);
  return {
    run,
    open,
    standing: {
      // A CHECK constraint holds this column to the states of lib/model.
      state: grant.state as GrantState,
      ended: grant.expiresAt !== null && grant.expiresAt <= now,
      run,
      openRequest: open && open.id !== reconsidered ? open.number : null,
    },
  };
}

async function changeRunOf(db: Db, id: string): Promise<ChangeRun | null> {
  const row = await db.run.findUnique({ where: { id }, include: { request: true } });
  if (!row) return null;
  const authorisation = runAuthorisationSchema.parse(row.authorisation);
  const from = authorisation.basis === "approval" ? (authorisation.from ?? []) : [];
  return {
    id,
    state: row.state as RunState,
    change: row.request && changeWord(row.request, from),
    requestNumber: row.request?.number ?? null,
    from,
    error: failureSchema.safeParse(row.error).data ?? null,
  };
}
