import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type Access, decide, denialMessage } from "../authorise.ts";
import { md5Hex } from "../identifiers.ts";
import type { Call } from "../operation.ts";
import type { Sandbox } from "../sandbox.ts";
import type { AccountState, Key } from "../state.ts";
import type { AwsError } from "../wire/error.ts";

/** Rules that all users of KMS keys share: how keys are named, who may use them, and what S3 and SQS do with them. */

type Account = Pick<AccountState, "id" | "partition">;

export function keyArn({ id: accountId, partition }: Account, region: string, id: string): string {
  return `arn:${partition}:kms:${region}:${accountId}:key/${id}`;
}

/** What `CreateKey` gives a key without a policy. Source: KMS Developer Guide, "Default key policy". */
export function defaultKeyPolicy({ id, partition }: Account): PolicyDocument {
  return {
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${id}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  };
}

/**
 * The key that AWS manages for a service: whom the service lets in, the key does too, if they are of the account.
 *
 * Source: KMS Developer Guide, "AWS managed keys"; the policy as `GetKeyPolicy` shows it for `alias/aws/s3`.
 */
function managedKey(account: Account, region: string, service: string): Key {
  const hex = md5Hex(`${account.id}/${region}/${service}`);
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return {
    id,
    arn: keyArn(account, region, id),
    accountId: account.id,
    region,
    createdAt: 0,
    manager: "AWS",
    state: "Enabled",
    aliases: [`alias/aws/${service}`],
    description: `Default key that protects my ${service.toUpperCase()} data when no other key is defined`,
    policy: {
      Version: "2012-10-17",
      Id: `auto-${service}-2`,
      Statement: [
        {
          Sid: "Allow access through the service for all principals in the account",
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
          Resource: "*",
          Condition: {
            StringEquals: {
              "kms:ViaService": `${service}.${region}.amazonaws.com`,
              "kms:CallerAccount": account.id,
            },
          },
        },
        {
          Sid: "Allow direct access to key metadata to the account",
          Effect: "Allow",
          Principal: { AWS: `arn:${account.partition}:iam::${account.id}:root` },
          Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
          Resource: "*",
        },
      ],
    },
  };
}

const managing = ["s3", "sqs"];

/** By id or alias, in the account and Region of who asks; or by the ARN of either, wherever it is. */
export function findKey(
  sandbox: Sandbox,
  place: { accountId: string; region: string },
  reference: string,
): Key | undefined {
  const [, arnRegion, arnAccount, rest] =
    /^arn:[^:]+:kms:([^:]+):(\d{12}):((?:key|alias)\/.+)$/.exec(reference) ?? [];
  const name = rest ?? (reference.startsWith("alias/") ? reference : `key/${reference}`);
  const region = arnRegion ?? place.region;
  const account = sandbox.account(arnAccount ?? place.accountId);
  if (!account) return undefined;
  const keys = [
    ...Object.values(account.keys ?? {}).filter((key) => key.region === region),
    ...managing.map((service) => managedKey(account, region, service)),
  ];
  return keys.find((key) => `key/${key.id}` === name || key.aliases.includes(name));
}

/** What an action on a key needs. The key's policy has to let the caller, or the account, in. */
export function keyAccess(action: string, key: Key, context: Access["context"] = {}): Access {
  return {
    action: `kms:${action}`,
    resource: key.arn,
    resourceAccount: key.accountId,
    context,
    resourcePolicy: { name: `policy of key ${key.id}`, document: key.policy },
  };
}

/** How a service words what KMS refuses it. */
export interface KeyErrors {
  denied(message: string): AwsError;
  disabled(message: string): AwsError;
  invalidState(message: string): AwsError;
  notFound(message: string): AwsError;
}

/** One use of a key by a service, on behalf of who called the service. */
export interface KeyUse {
  actions: ("Decrypt" | "GenerateDataKey")[];
  /** As the service's configuration names it. */
  reference: string;
  /** Who owns what is encrypted, and where it is: KMS is called there. */
  place: { accountId: string; region: string };
  service: "s3" | "sqs";
  encryptionContext: Record<string, string>;
}

/**
 * A service uses a key with the permissions of its caller. KMS sees that it comes by way of the service, and with which
 * encryption context.
 *
 * Source: KMS Developer Guide, "AWS KMS condition keys" and "Key states of AWS KMS keys".
 *
 * @throws what `errors` makes of a refusal
 */
export function applyKey(call: Call, use: KeyUse, errors: KeyErrors): void {
  const { sandbox, caller, facts } = call;
  const key = findKey(sandbox, use.place, use.reference);
  if (!key) throw errors.notFound(`Key '${use.reference}' does not exist`);
  const pairs = Object.entries(use.encryptionContext);
  const context = {
    "kms:ViaService": `${use.service}.${use.place.region}.amazonaws.com`,
    "aws:ViaAWSService": "true",
    ...(caller.accountId !== null && { "kms:CallerAccount": caller.accountId }),
    ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    "kms:EncryptionContextKeys": pairs.map(([name]) => name),
  };
  for (const action of use.actions) {
    const access = keyAccess(action, key, context);
    const decision = decide(sandbox, caller, access, facts);
    if (decision.effect !== "allow") throw errors.denied(denialMessage(caller, access, decision));
  }
  if (key.state === "Enabled") return;
  if (key.state === "Disabled") throw errors.disabled(`${key.arn} is disabled.`);
  const words = {
    PendingDeletion: "pending deletion",
    PendingImport: "pending import",
    Unavailable: "unavailable",
  };
  throw errors.invalidState(`${key.arn} is ${words[key.state]}.`);
}
