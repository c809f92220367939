import { z } from "zod";
import { notify } from "#lib/db/notify.ts";
import { requestPermissions } from "#lib/db/permissions.ts";
import { notFound } from "#lib/db/refusals.ts";
import { move } from "#lib/db/transitions.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { openRequest } from "./open-request.ts";

export const withdrawRequestSchema = z.strictObject({ number: z.int().positive() });

/** The requester takes it back before it is decided. */
export function withdrawRequest(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ number: number }>> {
  return mutate(deps, actor, { schema: withdrawRequestSchema, input }, async (mutation, { number }) => {
    const { tx, scope, at, record } = mutation;
    const request = await openRequest(mutation, number);
    if (!request) return refused(notFound("request"));
    const { withdraw } = requestPermissions(request.standing, scope, []);
    if (withdraw) return refused(withdraw);
    const { id, accountIds } = request.row;
    await move(tx, "request", { id }, "withdrawn", { decidedAt: at });
    await record({ type: "request.withdrawn", data: { number } }, { requestId: id, accountIds });
    await notify(tx, { topic: "request", id });
    return accepted({ number });
  });
}
