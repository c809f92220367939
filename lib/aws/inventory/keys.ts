import { accountOfKey, isKeyArn } from "#lib/model/key-facts.ts";
import { keyAsObserved } from "#lib/plan/snapshot.ts";
import { readKey } from "../keys.ts";
import { mapLimited } from "../limiter.ts";
import { policyKey, readsAtATime, type SectionContext } from "./section.ts";

/**
 * The account's own keys behind the targets that were found: their state and policies. A key of another account shows
 * its policy there alone. A target whose key turns out to be managed by AWS is said to have such a one, however its
 * configuration names it.
 */
export async function readKeys({ account, clients, snapshot, attempt }: SectionContext): Promise<void> {
  const keys = new Set(
    snapshot.items.flatMap(({ encryption }) =>
      encryption && isKeyArn(encryption) && accountOfKey(encryption) === account.id ? [encryption] : [],
    ),
  );
  await mapLimited([...keys], readsAtATime, async (arn) => {
    const [, , , region = ""] = arn.split(":");
    const items = snapshot.items.filter(({ encryption }) => encryption === arn);
    for (const item of items) item.keyUnread = true;
    await attempt({ section: "keys", gap: { of: "key", arn }, region }, async () => {
      const { facts, awsManaged, refused } = await readKey(clients, arn);
      // A refusal is an answer: AWS's own keys refuse nobody whom the account lets in, and what the target had before may
      // have been another key.
      for (const item of items) delete item.keyUnread;
      if (awsManaged) {
        for (const item of items) item.encryption = "aws-managed";
      } else if (facts.policy || facts.unusable)
        snapshot.observed[policyKey(arn)] = keyAsObserved(arn, facts);
      if (refused) throw refused;
    });
  });
}
