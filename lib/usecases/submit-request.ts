import { z } from "zod";
import { workloadColumns } from "#lib/db/estate.ts";
import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import { accountsOf } from "#lib/db/queries/proposal.ts";
import { changedGrantIdSchema } from "#lib/model/grant-change.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome } from "#lib/model/refusal.ts";
import { submissionSchema } from "#lib/model/submission.ts";
import type { Deps } from "./deps.ts";
import { openForChange } from "./grant-change.ts";
import { mutate } from "./mutation.ts";
import { proposeVersion } from "./proposal-version.ts";

/** The form, with a key of its own: sent twice, it makes one request. */
export const submitRequestSchema = z.strictObject({
  ...submissionSchema.shape,
  grantId: changedGrantIdSchema,
  idempotencyKey: z.uuid("Reload the page: it has lost its key."),
});

export interface SubmittedRequest {
  id: string;
  number: number;
  version: number;
  digest: string;
}

/** Anyone signed in may ask, for new access or for another form of access that they see. The owners of the accounts decide, after the worker's live check. */
export async function submitRequest(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<SubmittedRequest>> {
  const outcome = await submitOnce(deps, actor, input);
  // The same submission won the race for its key: it is there now, and this one finds it.
  const raced =
    !outcome.ok && outcome.refusals.some(({ code }) => code === "conflict" || code === "change.open");
  return raced ? submitOnce(deps, actor, input) : outcome;
}

function submitOnce(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<SubmittedRequest>> {
  return mutate(deps, actor, { schema: submitRequestSchema, input }, async (mutation, submission) => {
    const { tx, me, at, record } = mutation;
    // Keys are the person's own, so that nobody finds another's request by guessing.
    const idempotencyKey = `${me.id}:${submission.idempotencyKey}`;
    const earlier = await tx.request.findUnique({
      where: { idempotencyKey },
      include: { versions: { where: { number: 1 } } },
    });
    if (earlier)
      return accepted({
        id: earlier.id,
        number: earlier.number,
        version: 1,
        digest: earlier.versions[0]?.digest ?? "",
      });

    const changes = submission.grantId ? await openForChange(mutation, submission.grantId) : accepted(null);
    if (!changes.ok) return changes;
    const proposed = await proposeVersion(deps, mutation, submission, changes.value);
    if (!proposed.ok) return proposed;
    const { compiled, requirements, risk, title, columns } = proposed.value;
    const { digest, issuer, grants, targets } = compiled;
    const accountIds = accountsOf(submission.workload, grants);
    const { id, number } = await tx.request.create({
      data: {
        ...columns,
        requesterId: me.id,
        title,
        ...workloadColumns(submission.workload),
        accountIds,
        idempotencyKey,
        createdAt: at,
        versions: {
          create: {
            number: 1,
            authorId: me.id,
            reason: submission.reason,
            grants,
            targets,
            digest,
            issuer,
            approvals: requirements,
            risk,
            createdAt: at,
          },
        },
      },
    });
    await record(
      { type: "request.submitted", data: { number, version: 1, digest, title } },
      { requestId: id, accountIds },
    );
    await addJob(tx, "preflight", { requestId: id, version: 1 }, { key: `preflight:${id}:1` });
    await notify(tx, { topic: "request", id });
    if (columns.grantId) await notify(tx, { topic: "grant", id: columns.grantId });
    return accepted({ id, number, version: 1, digest });
  });
}
