import { addJob } from "#lib/db/jobs.ts";
import { lockAccount } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { adminsOnly, notFound } from "#lib/db/refusals.ts";
import { accountSchema } from "#lib/model/account.ts";
import { type Actor, isAdmin } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { regionsInUse } from "./regions-in-use.ts";
import { roleProblems } from "./register-account.ts";

/** What an account is (id, partition) and its ExternalId stay as they are. */
export const updateAccountSchema = accountSchema.omit({ partition: true, externalId: true });

export function updateAccount(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<{ id: string }>> {
  return mutate(deps, actor, { schema: updateAccountSchema, input }, async (mutation, given) => {
    const { tx, me, at, record } = mutation;
    if (!isAdmin(me)) return refused(adminsOnly);
    const { id, ...changes } = given;
    await lockAccount(tx, id);
    const present = await tx.account.findUnique({ where: { id } });
    if (!present) return refused(notFound("account"));
    const partition = accountSchema.shape.partition.parse(present.partition);
    const removed = present.regions.filter((region) => !given.regions.includes(region));
    const problems = [...roleProblems({ ...given, partition }), ...(await regionsInUse(tx, id, removed))];
    if (problems.length > 0) return refused(...problems);
    await tx.group.upsert({
      where: { name: given.ownerGroup },
      create: { name: given.ownerGroup },
      update: {},
    });
    await tx.account.update({ where: { id }, data: { ...changes, syncRequestedAt: at } });
    await record(
      { type: "account.updated", data: { accountId: id, name: given.name } },
      { accountIds: [id] },
    );
    await addJob(tx, "sync-account", { accountId: id }, { key: `sync-account:${id}` });
    await notify(tx, { topic: "account", id });
    return accepted({ id });
  });
}
