import { CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import type { Account } from "#lib/model/account.ts";
import type { AccountClients } from "../sessions.ts";
import { accountA, accountB } from "./estate.ts";

interface NamedDocument {
  name: string;
  document: object;
}

/**
 * What of a sandbox's seed moto is given. Users are left out, because moto takes any key; clusters too, because it
 * has neither their associations nor their add-ons.
 */
export interface SeededAccount {
  id: string;
  policies?: NamedDocument[];
  roles?: { name: string; trust: object; policies?: NamedDocument[] }[];
  buckets?: { name: string; region: string; policy?: object }[];
  queues?: { name: string; region: string; policy?: object }[];
}

/** Empties moto, and makes with ordinary calls what the sandbox is seeded with. */
export async function seedMoto(
  url: string,
  accounts: readonly SeededAccount[],
  administrator: (account: Account) => AccountClients,
): Promise<void> {
  const answer = await fetch(`${url}/moto-api/reset`, { method: "POST" });
  if (!answer.ok) throw new Error(`moto was not reset: ${await answer.text()}`);
  for (const account of [accountA, accountB]) {
    const seeded = accounts.find(({ id }) => id === account.id);
    if (seeded) await seedAccount(administrator(account), seeded);
  }
}

async function seedAccount(clients: AccountClients, account: SeededAccount): Promise<void> {
  const iam = clients.iam();
  for (const { name, document } of account.policies ?? []) {
    await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: JSON.stringify(document) }));
  }
  for (const { name, trust, policies = [] } of account.roles ?? []) {
    const AssumeRolePolicyDocument = JSON.stringify(trust);
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    for (const policy of policies) {
      const names = { RoleName: name, PolicyName: policy.name };
      await iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument: JSON.stringify(policy.document) }));
    }
  }
  for (const { name: Bucket, region, policy } of account.buckets ?? []) {
    const s3 = clients.s3(region);
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" },
      }),
    );
    if (policy) await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
  }
  for (const { name: QueueName, region, policy } of account.queues ?? []) {
    const Attributes = policy ? { Policy: JSON.stringify(policy) } : {};
    await clients.sqs(region).send(new CreateQueueCommand({ QueueName, Attributes }));
  }
}
