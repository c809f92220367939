import { DescribeKeyCommand, GetKeyPolicyCommand } from "@aws-sdk/client-kms";
import type { KeyFacts } from "#lib/model/key-facts.ts";
import { parseDocument } from "./documents.ts";
import { isKind } from "./errors.ts";
import type { AccountClients } from "./sessions.ts";

export interface SeenKey {
  facts: KeyFacts;
  /** A key that AWS manages for a service: nobody can change its policy. Absent: it is not known whose it is. */
  awsManaged?: boolean;
  /** The error with which AWS refused to show the key, its policy or both; null: nothing was refused. */
  refused: unknown;
}

/**
 * States in which KMS encrypts nothing and decrypts nothing. In all others, `Updating` among them, it does.
 *
 * Source: KMS Developer Guide, "Key states of AWS KMS keys".
 */
const unusable: Record<string, string> = {
  Creating: "is still being made",
  Disabled: "is disabled",
  PendingDeletion: "is waiting for its deletion",
  PendingReplicaDeletion: "is waiting for its deletion",
  PendingImport: "is waiting for its key material",
  Unavailable: "is not available: its key store is disconnected",
};

/**
 * A key's state and policy, with the session of the key's own account: GetKeyPolicy answers nobody else. A refusal is
 * an answer here, since a key's policy may well refuse those who read; any other failure is thrown.
 *
 * Source: KMS API Reference, DescribeKey and GetKeyPolicy ("Cross-account use: No"). `default` is the only name that
 * a key policy has.
 */
export async function readKey(clients: AccountClients, keyArn: string): Promise<SeenKey> {
  const kms = clients.kms(keyArn.split(":")[3] ?? "");
  const [described, shown] = await Promise.all([
    answer(kms.send(new DescribeKeyCommand({ KeyId: keyArn }))),
    answer(kms.send(new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: "default" }))),
  ]);
  const { KeyState: state = "", KeyManager: manager } = described.value?.KeyMetadata ?? {};
  const text = shown.value?.Policy;
  const why = described.missing || shown.missing ? "does not exist" : unusable[state];
  return {
    facts: {
      ...(text ? { policy: parseDocument(text, keyArn) } : {}),
      ...(why === undefined ? {} : { unusable: `the key ${keyArn} ${why}` }),
    },
    ...(manager === undefined ? {} : { awsManaged: manager === "AWS" }),
    refused: described.refused ?? shown.refused ?? null,
  };
}

interface Answer<T> {
  value?: T;
  missing?: true;
  refused?: unknown;
}

async function answer<T>(call: Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await call };
  } catch (error) {
    if (isKind(error, "not-found")) return { missing: true };
    if (isKind(error, "access-denied")) return { refused: error };
    throw error;
  }
}
