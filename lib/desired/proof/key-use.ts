import { type Partition, parseArn } from "#lib/model/arn.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import type { NamedPolicy } from "#lib/policy/evaluate.ts";
import { fulfilled } from "#lib/policy/intended.ts";
import type { FinalCall, Guarded } from "#lib/policy/path.ts";
import { serviceOf } from "../services/catalogue.ts";
import { viaService } from "../services/service.ts";
import type { KeyBehind } from "./reachable-sessions.ts";

/**
 * What the target's service does with the caller's permissions on the key behind it, to carry an action out: KMS is
 * called by the service (`kms:ViaService`, `aws:ViaAWSService`), in the Region of the target, with the encryption
 * context that it has for what the action is on. In China nobody here knows under which of its two names the service
 * calls: what opens the key to one alone leaves it unknown.
 *
 * Source: KMS Developer Guide, "AWS KMS condition keys" (kms:ViaService, kms:EncryptionContext), and the services' own
 * guides (lib/desired/services).
 */
export function keyCalls(
  targetArn: string,
  { action, resource }: { action: string; resource: string },
  key: KeyBehind,
): FinalCall[] {
  const target = parseArn(targetArn);
  const service = target && serviceOf(target.service);
  if (!target || !service) return [];
  const context: Record<string, string> = { "aws:ViaAWSService": "true" };
  const possibleValues: Record<string, readonly string[]> = {};
  const sent = Object.entries(service.encryptionContext(targetArn, resource)).map(
    ([name, values]) => [`${contextPrefix}${name}`, values] as const,
  );
  const via = [viaService(service.id, key.region, target.partition)].flat();
  for (const [name, values] of [["kms:ViaService", via] as const, ...sent]) {
    const [only = "", ...others] = values;
    if (others.length === 0) context[name] = only;
    else possibleValues[name] = values;
  }
  return service
    .keyActions(action)
    .map((one) => ({ action: one, on: guardedKey(key), context, possibleValues }));
}

/** Nothing of it is needed for what a service does with the key on the caller's behalf. */
const ruling = ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"];
/** What a service needs of them, it needs by way of itself. */
const using = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];

/**
 * What nobody asked for who asked for a target that the key encrypts: to use the key without the target's service, or to
 * rule it. Whoever calls KMS chooses the encryption context: each that a permission asks for is tried. Nothing is asked
 * where nobody has read the key's policy: whether the key may be used at all is not known then either.
 *
 * Source: KMS Developer Guide, "AWS KMS condition keys": of a call that no AWS service makes `kms:ViaService` is not
 * among the keys, and no AWS service asks for a grant.
 *
 * @param permissions statements of whoever may call
 */
export function keyCallsBeyond(
  targetArn: string,
  key: KeyBehind,
  permissions: readonly Statement[],
): { label: string; call: FinalCall }[] {
  const target = parseArn(targetArn);
  const service = target && serviceOf(target.service);
  if (!service || !key.policy) return [];
  const ofTarget = Object.entries(service.encryptionContext(targetArn, targetArn)).map(
    ([name, [value = ""]]) => [`${contextPrefix}${name}`, value] as const,
  );
  const contexts = [
    ...permissions.filter(({ Effect }) => Effect === "Allow").map((one) => encryptionContext(fulfilled(one))),
    Object.fromEntries(ofTarget),
  ];
  const distinct = [...new Map(contexts.map((one) => [JSON.stringify(one), one])).values()];
  return distinct.flatMap((context) => {
    const call = {
      on: guardedKey(key),
      context: { ...context, "kms:GrantIsForAWSResource": "false" },
      absentKeys: ["kms:ViaService"],
    };
    return [
      ...using.map((action) => ({ label: `${action} without ${service.name}`, call: { ...call, action } })),
      ...ruling.map((action) => ({ label: action, call: { ...call, action } })),
    ];
  });
}

const contextPrefix = "kms:EncryptionContext:";

/** Of a request's context what the caller of KMS sends as encryption context. */
function encryptionContext(context: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(context).filter(([name]) => name.toLowerCase().startsWith(contextPrefix.toLowerCase())),
  );
}

/** The policy that leaves everything to the IAM policies of the accounts: what they allow is then our doing. */
export function leftToIam(accountIds: readonly string[], partition: string): NamedPolicy {
  const Principal = { AWS: accountIds.map((id) => `arn:${partition}:iam::${id}:root`) };
  return {
    name: "a policy that leaves it to IAM",
    document: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "kms:*", Resource: "*" }],
    },
  };
}

/** The key as an evaluation takes it. One whose policy nobody has read decides nothing, and leaves all open. */
function guardedKey({ arn, accountId, policy, unusable }: KeyBehind): Guarded {
  const name = `the policy of the key ${arn}`;
  return {
    arn,
    accountId,
    ...(policy ? { policy: { name, document: policy } } : { unread: [{ kind: "resource" as const, name }] }),
    ...(unusable === undefined ? {} : { unusable }),
  };
}

/**
 * The statement that a key's owner adds, so that the key may be used for targets of one service by whom the account's
 * IAM policies allow it. It names the account and no role: KMS takes no role that does not exist yet, and a role that
 * is made anew would have to be named again.
 *
 * Source: KMS Developer Guide, "Default key policy", "Allows access to the AWS account and enables IAM policies".
 */
export function delegatingStatement(
  key: Pick<KeyBehind, "accountId" | "region">,
  { service, partition }: { service: string; partition: Partition },
  actions: readonly string[],
): Statement {
  return {
    Sid: "LetIamDecideThroughTheService",
    Effect: "Allow",
    Principal: { AWS: `arn:${partition}:iam::${key.accountId}:root` },
    Action: [...actions],
    Resource: "*",
    Condition: { StringEquals: { "kms:ViaService": viaService(service, key.region, partition) } },
  };
}

/** The statement that lets Drawbridge's own role read the key and its policy, and nothing more. */
export function readingStatement(provisionerRoleArn: string): Statement {
  return {
    Sid: "LetDrawbridgeReadThisPolicy",
    Effect: "Allow",
    Principal: { AWS: provisionerRoleArn },
    Action: ["kms:DescribeKey", "kms:GetKeyPolicy"],
    Resource: "*",
  };
}
