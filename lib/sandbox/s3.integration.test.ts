import { CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "./server.ts";
import {
  accountA,
  accountB,
  adminOf,
  type clients,
  control,
  estate,
  outcome,
  region,
  trusting,
} from "./test-estate.ts";

let sandbox: RunningSandbox;
let a: ReturnType<typeof clients>;
let b: ReturnType<typeof clients>;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await control(sandbox.url, "reset", {});
  await control(sandbox.url, "seed", estate);
  a = await adminOf(sandbox.url, accountA);
  b = await adminOf(sandbox.url, accountB);
});

const podTrust = JSON.stringify(
  trusting({ Service: "pods.eks.amazonaws.com" }, ["sts:AssumeRole", "sts:TagSession"]),
);
const roleIn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const statement = (more: object) => ({ Version: "2012-10-17", Statement: [more] });

describe("S3", () => {
  const Bucket = "reports";
  const put = (document: unknown) =>
    b.s3.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(document) }));
  const grant = statement({
    Sid: "One",
    Effect: "Allow",
    Principal: { AWS: roleIn(accountA, "provisioner") },
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::reports/*",
  });

  it("reads and writes objects", async () => {
    await b.s3.send(
      new s3.PutObjectCommand({ Bucket, Key: "new/ä b.txt", Body: "grüße", ContentType: "text/plain" }),
    );
    const got = await b.s3.send(new s3.GetObjectCommand({ Bucket, Key: "new/ä b.txt" }));
    expect(await got.Body?.transformToString()).toBe("grüße");
    const head = await b.s3.send(new s3.HeadObjectCommand({ Bucket, Key: "new/ä b.txt" }));
    expect(head).toMatchObject({ ContentLength: 7, ContentType: "text/plain" });
    const all = await b.s3.send(new s3.ListObjectsV2Command({ Bucket, Prefix: "daily/" }));
    expect(all.Contents?.map((one) => one.Key)).toEqual(["daily/1.csv", "daily/2.csv"]);
    const top = await b.s3.send(new s3.ListObjectsV2Command({ Bucket, Delimiter: "/" }));
    expect(top.CommonPrefixes?.map((one) => one.Prefix)).toEqual(["daily/", "new/", "secret/"]);
    await b.s3.send(new s3.DeleteObjectCommand({ Bucket, Key: "new/ä b.txt" }));
    expect(await outcome(b.s3.send(new s3.GetObjectCommand({ Bucket, Key: "new/ä b.txt" })))).toBe(
      "NoSuchKey",
    );
    expect(await outcome(b.s3.send(new s3.HeadObjectCommand({ Bucket, Key: "no" })))).toBe("NotFound");
  });

  it("describes buckets", async () => {
    const { Buckets } = await b.s3.send(new s3.ListBucketsCommand({}));
    expect(Buckets?.map((one) => one.Name)).toEqual([Bucket]);
    await b.s3.send(new s3.HeadBucketCommand({ Bucket }));
    const { LocationConstraint } = await b.s3.send(new s3.GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBe(region);
    const { OwnershipControls } = await b.s3.send(new s3.GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls?.Rules?.[0]?.ObjectOwnership).toBe("BucketOwnerEnforced");
    const encryption = await b.s3.send(new s3.GetBucketEncryptionCommand({ Bucket }));
    expect(
      encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
        ?.SSEAlgorithm,
    ).toBe("AES256");
    await b.s3.send(
      new s3.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicPolicy: false, RestrictPublicBuckets: true },
      }),
    );
    const { PublicAccessBlockConfiguration } = await b.s3.send(
      new s3.GetPublicAccessBlockCommand({ Bucket }),
    );
    expect(PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: false,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: true,
    });
  });

  it("makes buckets, whose names are unique over all accounts", async () => {
    const make = (client: s3.S3Client, name: string) =>
      client.send(
        new s3.CreateBucketCommand({
          Bucket: name,
          CreateBucketConfiguration: { LocationConstraint: region },
        }),
      );
    await make(b.s3, "fresh-one");
    expect(await outcome(make(b.s3, "fresh-one"))).toBe("BucketAlreadyOwnedByYou");
    expect(await outcome(make(a.s3, "fresh-one"))).toBe("BucketAlreadyExists");
    expect(await outcome(make(b.s3, "No"))).toBe("InvalidBucketName");
  });

  it("keeps, returns and deletes a bucket policy", async () => {
    expect(await outcome(b.s3.send(new s3.GetBucketPolicyCommand({ Bucket })))).toBe("NoSuchBucketPolicy");
    await put(grant);
    const { Policy } = await b.s3.send(new s3.GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(Policy ?? "")).toEqual(grant);
    const { PolicyStatus } = await b.s3.send(new s3.GetBucketPolicyStatusCommand({ Bucket }));
    expect(PolicyStatus?.IsPublic).toBe(false);
    await b.s3.send(new s3.DeleteBucketPolicyCommand({ Bucket }));
    expect(await outcome(b.s3.send(new s3.GetBucketPolicyCommand({ Bucket })))).toBe("NoSuchBucketPolicy");
  });

  it.each<[string, object, string]>([
    ["a statement without effect", { Sid: "x" }, "MalformedPolicy"],
    ["an unknown principal", { Principal: { AWS: roleIn(accountA, "nobody") } }, "MalformedPolicy"],
    ["another bucket", { Resource: "arn:aws:s3:::others/*" }, "MalformedPolicy"],
    ["another service's action", { Action: "sqs:SendMessage" }, "MalformedPolicy"],
    ["everyone, past the public access block", { Principal: "*" }, "AccessDenied"],
    ["a public policy in disguise", { Principal: { AWS: ["*"] } }, "AccessDenied"],
    [
      "a policy of more than 20 KB",
      { Resource: Array.from({ length: 600 }, (_, n) => `arn:aws:s3:::reports/${"x".repeat(30)}${n}/*`) },
      "PolicyTooLarge",
    ],
  ])("refuses %s", async (_, change, name) => {
    const [first] = grant.Statement;
    const broken =
      change && "Sid" in change && Object.keys(change).length === 1 ? change : { ...first, ...change };
    expect(await outcome(put(statement(broken)))).toBe(name);
  });

  it("shows a deleted principal as its id, and then takes no policy that still has it", async () => {
    await a.iam.send(new CreateRoleCommand({ RoleName: "gone", AssumeRolePolicyDocument: podTrust }));
    await put(statement({ ...grant.Statement[0], Principal: { AWS: roleIn(accountA, "gone") } }));
    await a.iam.send(new DeleteRoleCommand({ RoleName: "gone" }));
    const { Policy = "" } = await b.s3.send(new s3.GetBucketPolicyCommand({ Bucket }));
    expect(Policy).toMatch(/AROA/);
    expect(await outcome(put(JSON.parse(Policy)))).toBe("MalformedPolicy");
  });

  it("checks the expected owner and the Region", async () => {
    const wrong = new s3.ListObjectsV2Command({ Bucket, ExpectedBucketOwner: accountA });
    expect(await outcome(b.s3.send(wrong))).toBe("AccessDenied");
    const right = new s3.ListObjectsV2Command({ Bucket, ExpectedBucketOwner: accountB });
    expect(await outcome(b.s3.send(right))).toBe("ok");
    const { s3: elsewhere } = await adminOf(sandbox.url, accountB, "us-east-1");
    expect(await outcome(elsewhere.send(right))).toBe("PermanentRedirect");
    expect(await outcome(elsewhere.send(new s3.GetBucketLocationCommand({ Bucket })))).toBe("ok");
    expect(await outcome(b.s3.send(new s3.HeadBucketCommand({ Bucket: "none-here" })))).toBe("NotFound");
  });

  it("hides missing keys from those who may not list, and needs both sides across accounts", async () => {
    const read = (Key: string) => a.s3.send(new s3.GetObjectCommand({ Bucket, Key }));
    expect(await outcome(read("daily/1.csv"))).toBe("AccessDenied");
    await put(grant);
    expect(await outcome(read("daily/1.csv"))).toBe("ok");
    expect(await outcome(read("daily/none.csv"))).toBe("AccessDenied");
    expect(await outcome(a.s3.send(new s3.PutObjectCommand({ Bucket, Key: "daily/3", Body: "x" })))).toBe(
      "AccessDenied",
    );
  });
});
