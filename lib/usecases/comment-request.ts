import { z } from "zod";
import { notify } from "#lib/db/notify.ts";
import { requestPermissions } from "#lib/db/permissions.ts";
import { loadRequest } from "#lib/db/queries/loaded-request.ts";
import { notFound } from "#lib/db/refusals.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import { textSchema } from "#lib/model/submission.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

export const commentRequestSchema = z.strictObject({
  number: z.int().positive(),
  body: textSchema("A comment", 5_000).refine((text) => text.length > 0, "Write something."),
});

/** In any state: people talk about requests after they are decided, too. */
export function commentRequest(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<{ id: string }>> {
  return mutate(deps, actor, { schema: commentRequestSchema, input }, async (mutation, { number, body }) => {
    const { tx, me, scope, at, record } = mutation;
    const request = await loadRequest(tx, scope, { number }, at);
    if (!request) return refused(notFound("request"));
    const { comment } = requestPermissions(request.standing, scope, []);
    if (comment) return refused(comment);
    const { id: requestId, accountIds } = request.row;
    const { id } = await tx.comment.create({ data: { requestId, personId: me.id, body, createdAt: at } });
    await record({ type: "request.commented", data: { number } }, { requestId, accountIds });
    await notify(tx, { topic: "request", id: requestId });
    return accepted({ id });
  });
}
