import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import type { RunAuthorisation, RunKind } from "#lib/model/run.ts";
import type { Mutation } from "./mutation.ts";

export interface NewRun {
  kind: RunKind;
  requestId: string;
  grantIds: string[];
  authorisation: RunAuthorisation;
  accountIds: readonly string[];
}

/** Writes the run and wakes a worker for it, in the transaction that makes it necessary. @returns its id */
export async function queueRun({ tx, me, at, record }: Mutation, run: NewRun): Promise<string> {
  const { kind, requestId, grantIds, authorisation, accountIds } = run;
  const { id } = await tx.run.create({
    data: { kind, requestId, grantIds, authorisation, requestedById: me.id, createdAt: at },
  });
  const words = authorisation.basis === "repair" ? { speaksFor: authorisation.speaksFor } : {};
  await record({ type: "run.queued", data: { kind, ...words } }, { requestId, runId: id, accountIds });
  await addJob(tx, "run", { runId: id }, { key: `run:${id}` });
  await notify(tx, { topic: "run", id });
  for (const grantId of grantIds) await notify(tx, { topic: "grant", id: grantId });
  return id;
}
