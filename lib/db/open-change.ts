import { notify } from "./notify.ts";
import { move } from "./transitions.ts";
import type { Db, Tx } from "./types.ts";

/** A renewal or change of a grant that is not decided; a unique index allows one a grant. */
export interface OpenChange {
  id: string;
  number: number;
  kind: string;
  requesterId: string;
  accountIds: string[];
}

export function openChange(db: Db, grantId: string): Promise<OpenChange | null> {
  return db.request.findFirst({
    where: { grantId, state: { in: ["in_review", "changes_requested"] } },
    select: { id: true, number: true, kind: true, requesterId: true, accountIds: true },
  });
}

/**
 * Closes the grant's open change, since the grant is being taken back. @returns what was closed: its history is the
 * caller's to write
 */
export async function lapseOpenChange(tx: Tx, grantId: string, at: Date): Promise<OpenChange | null> {
  const open = await openChange(tx, grantId);
  if (!open) return null;
  await move(tx, "request", { id: open.id }, "lapsed", { decidedAt: at });
  await notify(tx, { topic: "request", id: open.id });
  return open;
}
