import { z } from "zod";
import { workloadColumns } from "#lib/db/estate.ts";
import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import { requestPermissions } from "#lib/db/permissions.ts";
import { accountsOf } from "#lib/db/queries/proposal.ts";
import { conflict, notFound } from "#lib/db/refusals.ts";
import { ConflictError, move } from "#lib/db/transitions.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import { submissionSchema } from "#lib/model/submission.ts";
import type { Deps } from "./deps.ts";
import { openForChange } from "./grant-change.ts";
import { mutate } from "./mutation.ts";
import { openRequest } from "./open-request.ts";
import { proposeVersion } from "./proposal-version.ts";

/** The form, with the version that it was filled from. */
export const reviseRequestSchema = z.strictObject({
  ...submissionSchema.shape,
  number: z.int().positive(),
  version: z.int().positive(),
});

/** A new version: the approvals of the old one no longer count, since reviews are of one version and its digest. */
export function reviseRequest(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ number: number; version: number; digest: string }>> {
  return mutate(deps, actor, { schema: reviseRequestSchema, input }, async (mutation, submission) => {
    const { tx, me, at, scope, record } = mutation;
    const request = await openRequest(mutation, submission.number);
    if (!request) return refused(notFound("request"));
    const { revise } = requestPermissions(request.standing, scope, []);
    if (revise) return refused(revise);
    if (request.version.number !== submission.version)
      return refused(conflict("There is a newer version than the one that this was edited from."));

    const { id, number, grantId } = request.row;
    const changes = grantId ? await openForChange(mutation, grantId, id) : accepted(null);
    if (!changes.ok) return changes;
    const proposed = await proposeVersion(deps, mutation, submission, changes.value);
    if (!proposed.ok) return proposed;
    const { compiled, requirements, risk, title, columns } = proposed.value;
    const { digest, issuer, grants, targets } = compiled;
    const version = request.version.number + 1;
    const accountIds = accountsOf(submission.workload, grants);
    if (request.state !== "in_review") await move(tx, "request", { id }, "in_review");
    const { count } = await tx.request.updateMany({
      where: { id, state: "in_review", currentVersion: submission.version },
      data: {
        currentVersion: version,
        title,
        accountIds,
        ...columns,
        ...workloadColumns(submission.workload),
      },
    });
    if (count !== 1) throw new ConflictError("request", "in_review");
    await tx.requestVersion.create({
      data: {
        requestId: id,
        number: version,
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
    });
    await record(
      { type: "request.revised", data: { number, version, digest } },
      // Those who decided on the old version learn of it too.
      { requestId: id, accountIds: [...accountIds, ...request.row.accountIds] },
    );
    await addJob(tx, "preflight", { requestId: id, version }, { key: `preflight:${id}:${version}` });
    await notify(tx, { topic: "request", id });
    return accepted({ number, version, digest });
  });
}
