import * as kms from "@aws-sdk/client-kms";
import { documentText } from "../documents.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { Key } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { findKey, keyAccess } from "./kms-keys.ts";

/** @throws NotFoundException, as KMS words it: there, in another Region, or not at all */
function keyOrThrow(call: Call, reference = ""): Key {
  const key = findKey(call.sandbox, { accountId: call.accountId, region: call.region }, reference);
  if (key?.region === call.region) return key;
  const alias = reference.includes("alias/");
  throw new AwsError(
    "NotFoundException",
    alias ? `Alias ${reference} is not found.` : `Key '${reference}' does not exist`,
  );
}

/** Any account that the key's policy lets in may describe it, by its ARN. */
function describeKey(call: Call, input: kms.DescribeKeyCommandInput): Output<kms.DescribeKeyCommandOutput> {
  const key = keyOrThrow(call, input.KeyId);
  return {
    KeyMetadata: {
      AWSAccountId: key.accountId,
      KeyId: key.id,
      Arn: key.arn,
      CreationDate: new Date(key.createdAt),
      Enabled: key.state === "Enabled",
      Description: key.description,
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: key.state,
      Origin: key.state === "PendingImport" ? "EXTERNAL" : "AWS_KMS",
      KeyManager: key.manager,
      KeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: false,
    },
  };
}

export const kmsOperations: Operation[] = [
  operation(kms.DescribeKey$, {
    access: (call, input: kms.DescribeKeyCommandInput) => [
      keyAccess("DescribeKey", keyOrThrow(call, input.KeyId), caller(call)),
    ],
    handle: describeKey,
  }),
  operation(kms.GetKeyPolicy$, {
    access: (call, input: kms.GetKeyPolicyCommandInput) => [
      keyAccess("GetKeyPolicy", keyOrThrow(call, input.KeyId), caller(call)),
    ],
    handle: (call, input: kms.GetKeyPolicyCommandInput): Output<kms.GetKeyPolicyCommandOutput> => {
      const key = keyOrThrow(call, input.KeyId);
      // "Cross-account use: No" (KMS API Reference, GetKeyPolicy), whatever the key's policy says.
      if (key.accountId !== call.accountId)
        throw new AwsError("AccessDeniedException", `${key.arn} is in another account.`);
      const { PolicyName = "default" } = input;
      if (PolicyName !== "default") throw new AwsError("NotFoundException", "No such policy exists");
      return { Policy: documentText(call.sandbox, key.policy), PolicyName };
    },
  }),
];

function caller({ accountId }: Call) {
  return { "kms:CallerAccount": accountId };
}
