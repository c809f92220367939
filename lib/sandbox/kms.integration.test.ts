import { DescribeKeyCommand, GetKeyPolicyCommand } from "@aws-sdk/client-kms";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "./server.ts";
import type { KeyState } from "./state.ts";
import { accountA, accountB, adminOf, type clients, control, estate, region } from "./test-estate.ts";

const keyId = "11112222-3333-4444-5555-666677778888";
const keyArn = `arn:aws:kms:${region}:${accountB}:key/${keyId}`;
const kmsKeyId = keyArn;

/** The account of the data, with a key of its own behind a bucket and a queue. */
const encrypted = {
  accounts: estate.accounts.map((account) =>
    account.id === accountB
      ? {
          ...account,
          keys: [{ id: keyId, region, aliases: ["alias/data"] }],
          buckets: [
            {
              name: "vault",
              region,
              encryption: { algorithm: "aws:kms" as const, kmsKeyId },
              objects: { "old.txt": "old" },
            },
            {
              name: "cheap-vault",
              region,
              encryption: { algorithm: "aws:kms" as const, kmsKeyId, bucketKey: true },
              objects: { "old.txt": "old" },
            },
            { name: "default-vault", region, encryption: { algorithm: "aws:kms" as const } },
          ],
          queues: [
            { name: "sealed", region, attributes: { KmsMasterKeyId: "alias/data" }, messages: ["hush"] },
          ],
        }
      : account,
  ),
};

let sandbox: RunningSandbox;
let a: ReturnType<typeof clients>;
let b: ReturnType<typeof clients>;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await control(sandbox.url, "reset", {});
  await control(sandbox.url, "seed", encrypted);
  a = await adminOf(sandbox.url, accountA);
  b = await adminOf(sandbox.url, accountB);
});

function key() {
  const found = sandbox.state().accounts[accountB]?.keys?.[keyArn];
  if (!found) throw new Error("no key");
  return found;
}

const keyPolicy = (...statements: object[]) =>
  control(sandbox.url, "mutate", {
    accountId: accountB,
    kind: "key-policy",
    name: keyId,
    document: {
      Version: "2012-10-17",
      Statement: statements.map((one) => ({ Effect: "Allow", Action: "kms:*", Resource: "*", ...one })),
    },
  });
const rootOf = (id: string) => ({ AWS: `arn:aws:iam::${id}:root` });

/** What a call is refused with: the code, the HTTP status, the message. */
async function refusal(call: Promise<unknown>): Promise<{ code: string; status: number; message: string }> {
  const error: unknown = await call.then(
    () => new Error("ok"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw error;
  const { httpStatusCode = 0 } = "$metadata" in error ? (error.$metadata as { httpStatusCode?: number }) : {};
  return { code: error.name, status: httpStatusCode, message: error.message };
}

const get = (client: s3.S3Client, Bucket: string, Key = "old.txt") =>
  client.send(new s3.GetObjectCommand({ Bucket, Key }));
const put = (client: s3.S3Client, Bucket: string, more: object = {}) =>
  client.send(new s3.PutObjectCommand({ Bucket, Key: "new.txt", Body: "new", ...more }));
const QueueUrl = `https://sqs.${region}.amazonaws.com/${accountB}/sealed`;
const send = (client: sqs.SQSClient) =>
  client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "x" }));
const receive = (client: sqs.SQSClient) => client.send(new sqs.ReceiveMessageCommand({ QueueUrl }));

describe("KMS", () => {
  it("describes a key by ARN, id or alias, and tells its policy", async () => {
    for (const KeyId of [keyArn, keyId, "alias/data", keyArn.replace(`key/${keyId}`, "alias/data")]) {
      const { KeyMetadata } = await b.kms.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({
        Arn: keyArn,
        AWSAccountId: accountB,
        KeyManager: "CUSTOMER",
        KeyState: "Enabled",
        Enabled: true,
        CreationDate: expect.any(Date),
      });
    }
    const { Policy = "", PolicyName } = await b.kms.send(new GetKeyPolicyCommand({ KeyId: keyId }));
    expect(PolicyName).toBe("default");
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [{ Principal: rootOf(accountB), Action: "kms:*" }],
    });
    const managed = await b.kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/s3" }));
    expect(managed.KeyMetadata?.KeyManager).toBe("AWS");
  });

  it("knows no key that is not there, and no policy of another name", async () => {
    const code = async (call: Promise<unknown>) => (await refusal(call)).code;
    const describeKey = (KeyId: string) => b.kms.send(new DescribeKeyCommand({ KeyId }));
    expect(await code(describeKey("nothing"))).toBe("NotFoundException");
    expect(await code(describeKey("alias/nothing"))).toBe("NotFoundException");
    expect(await code(describeKey(keyArn.replace(region, "us-east-1")))).toBe("NotFoundException");
    const other = new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: "other" });
    expect(await code(b.kms.send(other))).toBe("NotFoundException");
  });

  it("shows its policy to nobody of another account, whatever the policy says", async () => {
    const describeKey = () => a.kms.send(new DescribeKeyCommand({ KeyId: keyArn }));
    const policy = () => a.kms.send(new GetKeyPolicyCommand({ KeyId: keyArn }));
    expect(await refusal(describeKey())).toMatchObject({ code: "AccessDeniedException", status: 400 });
    await keyPolicy({ Principal: rootOf(accountA) });
    expect((await describeKey()).KeyMetadata?.Arn).toBe(keyArn);
    expect(await refusal(policy())).toMatchObject({ code: "AccessDeniedException", status: 400 });
  });

  it("says on whose side a permission is missing, as AWS does", async () => {
    await keyPolicy({ Principal: rootOf(accountA) });
    const { message } = await refusal(b.kms.send(new GetKeyPolicyCommand({ KeyId: keyId })));
    expect(message).toMatch(
      /kms:GetKeyPolicy .*because no resource-based policy allows the kms:GetKeyPolicy/,
    );
  });
});

describe("an encrypted bucket", () => {
  it("is read and written by whom the key's policy leaves to IAM, and says with what it is encrypted", async () => {
    expect(await get(b.s3, "vault")).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: keyArn });
    expect(await put(b.s3, "vault")).toMatchObject({ SSEKMSKeyId: keyArn });
    expect(await put(b.s3, "cheap-vault")).toMatchObject({ BucketKeyEnabled: true });
    const head = await b.s3.send(new s3.HeadObjectCommand({ Bucket: "vault", Key: "new.txt" }));
    expect(head.SSEKMSKeyId).toBe(keyArn);
  });

  it("refuses with KMS's sentence where the key's policy leaves nothing to IAM", async () => {
    await keyPolicy({ Principal: rootOf(accountA) });
    expect(await refusal(get(b.s3, "vault"))).toMatchObject({
      code: "AccessDenied",
      status: 403,
      message: expect.stringMatching(
        /kms:Decrypt on resource: .*no resource-based policy allows the kms:Decrypt/,
      ),
    });
    expect((await refusal(put(b.s3, "vault"))).message).toMatch(/perform: kms:GenerateDataKey on/);
    // What a request asks to be stored with S3's own keys needs none.
    await put(b.s3, "vault", { ServerSideEncryption: "AES256" });
    expect((await get(b.s3, "vault", "new.txt")).ServerSideEncryption).toBe("AES256");
  });

  it("gives KMS the bucket's ARN with S3 Bucket Keys, and the object's without", async () => {
    const context = (arn: string) => ({
      Principal: rootOf(accountB),
      Condition: { StringEquals: { "kms:EncryptionContext:aws:s3:arn": arn } },
    });
    await keyPolicy(context("arn:aws:s3:::cheap-vault"), context("arn:aws:s3:::vault/old.txt"));
    await get(b.s3, "cheap-vault");
    await get(b.s3, "vault");
    expect((await refusal(put(b.s3, "vault"))).code).toBe("AccessDenied");
    await put(b.s3, "cheap-vault");
  });

  it.each<[KeyState, string, string]>([
    ["Disabled", "KMS.DisabledException", "KmsDisabled"],
    ["PendingDeletion", "KMS.KMSInvalidStateException", "KmsInvalidState"],
  ])("can't be used while its key is %s, nor can a queue", async (state, ofS3, ofSqs) => {
    key().state = state;
    expect((await refusal(get(b.s3, "vault"))).code).toBe(ofS3);
    expect((await refusal(put(b.s3, "vault"))).code).toBe(ofS3);
    expect((await refusal(send(b.sqs))).code).toBe(ofSqs);
    // The key itself can still be looked at.
    const { KeyMetadata } = await b.kms.send(new DescribeKeyCommand({ KeyId: keyId }));
    expect(KeyMetadata).toMatchObject({ Enabled: false, KeyState: state });
    await b.kms.send(new GetKeyPolicyCommand({ KeyId: keyId }));
  });

  it("can't be used when its key is gone", async () => {
    const account = sandbox.state().accounts[accountB];
    if (account) account.keys = {};
    expect((await refusal(get(b.s3, "vault"))).code).toBe("KMS.NotFoundException");
    expect((await refusal(send(b.sqs))).code).toBe("KmsNotFound");
  });

  it("with the key that AWS manages is for the account alone, whatever its policy allows others", async () => {
    await put(b.s3, "default-vault");
    await get(b.s3, "default-vault", "new.txt");
    await control(sandbox.url, "mutate", {
      accountId: accountB,
      kind: "bucket-policy",
      name: "default-vault",
      document: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: rootOf(accountA),
            Action: "s3:GetObject",
            Resource: "arn:aws:s3:::default-vault/*",
          },
        ],
      },
    });
    expect((await refusal(get(a.s3, "default-vault", "new.txt"))).message).toMatch(/kms:Decrypt/);
  });
});

describe("an encrypted queue", () => {
  it("is used with the caller's permissions on the key, by way of SQS and for that queue", async () => {
    await keyPolicy({
      Principal: rootOf(accountB),
      Condition: {
        StringEquals: {
          "kms:ViaService": `sqs.${region}.amazonaws.com`,
          "kms:EncryptionContext:aws:sqs:arn": `arn:aws:sqs:${region}:${accountB}:sealed`,
        },
      },
    });
    await send(b.sqs);
    expect((await receive(b.sqs)).Messages?.[0]?.Body).toBe("hush");
  });

  it("takes both permissions to send, and one to receive", async () => {
    await keyPolicy({ Principal: rootOf(accountB), Action: "kms:Decrypt" });
    expect(await refusal(send(b.sqs))).toMatchObject({
      code: "KmsAccessDenied",
      status: 400,
      message: expect.stringMatching(/kms:GenerateDataKey/),
    });
    await receive(b.sqs);
    await keyPolicy({ Principal: rootOf(accountB), Action: "kms:GenerateDataKey" });
    expect((await refusal(receive(b.sqs))).message).toMatch(/kms:Decrypt/);
  });
});
