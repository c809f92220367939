import type { z } from "zod";
import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import { adminsOnly } from "#lib/db/refusals.ts";
import { accountSchema } from "#lib/model/account.ts";
import { parseArn } from "#lib/model/arn.ts";
import { type Actor, isAdmin } from "#lib/model/person.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

/** Without an ExternalId one is made: it must be random, and it is part of the account's onboarding template. */
export const registerAccountSchema = accountSchema.partial({ externalId: true });

/** An admin makes an account known. The worker then reads it, which shows whether the role can be assumed. */
export function registerAccount(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ id: string; externalId: string }>> {
  return mutate(deps, actor, { schema: registerAccountSchema, input }, async (mutation, given) => {
    const { tx, me, at, record } = mutation;
    if (!isAdmin(me)) return refused(adminsOnly);
    const problems = roleProblems(given);
    if (problems.length > 0) return refused(...problems);
    const account = { ...given, externalId: given.externalId ?? deps.ids.externalId() };
    const { id, name } = account;
    if (await tx.account.findUnique({ where: { id } }))
      return refused(
        refusal(
          "account.registered",
          "id",
          `Account ${id} is registered already.`,
          "Open it in the list and change it there.",
        ),
      );
    // The group may not have signed in yet; it becomes real with its first member.
    await tx.group.upsert({
      where: { name: account.ownerGroup },
      create: { name: account.ownerGroup },
      update: {},
    });
    await tx.account.create({ data: { ...account, registeredAt: at, syncRequestedAt: at } });
    await record({ type: "account.registered", data: { accountId: id, name } }, { accountIds: [id] });
    await addJob(tx, "sync-account", { accountId: id }, { key: `sync-account:${id}` });
    await notify(tx, { topic: "account", id });
    return accepted({ id, externalId: account.externalId });
  });
}

/** The role and the boundary must be the account's own. */
export function roleProblems(
  account: Pick<z.output<typeof accountSchema>, "id" | "partition" | "provisionerRoleArn" | "boundaryArn">,
): Refusal[] {
  return (["provisionerRoleArn", "boundaryArn"] as const).flatMap((field) => {
    const arn = parseArn(account[field]);
    return arn?.account === account.id && arn.partition === account.partition
      ? []
      : [
          refusal(
            "account.foreign-arn",
            field,
            `This ARN is not in account ${account.id}, partition ${account.partition}.`,
            "Copy it from the outputs of the account's onboarding stack.",
          ),
        ];
  });
}
