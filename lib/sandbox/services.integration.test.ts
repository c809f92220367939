import * as eks from "@aws-sdk/client-eks";
import { CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "./server.ts";
import {
  accountA,
  accountB,
  adminOf,
  assumed,
  clients,
  control,
  estate,
  issuer,
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

describe("EKS", () => {
  it("describes clusters and add-ons of the Region", async () => {
    expect((await a.eks.send(new eks.ListClustersCommand({}))).clusters).toEqual(["blue", "green"]);
    const { cluster } = await a.eks.send(new eks.DescribeClusterCommand({ name: "blue" }));
    expect(cluster?.identity?.oidc?.issuer).toBe(`https://${issuer}`);
    expect(cluster?.createdAt).toBeInstanceOf(Date);
    const addons = await a.eks.send(new eks.ListAddonsCommand({ clusterName: "blue" }));
    expect(addons.addons).toEqual(["eks-pod-identity-agent"]);
    const { addon } = await a.eks.send(
      new eks.DescribeAddonCommand({ clusterName: "blue", addonName: "eks-pod-identity-agent" }),
    );
    expect(addon?.status).toBe("ACTIVE");
    expect(await outcome(a.eks.send(new eks.DescribeClusterCommand({ name: "red" })))).toBe(
      "ResourceNotFoundException",
    );
    const { eks: elsewhere } = await adminOf(sandbox.url, accountA, "us-east-1");
    expect((await elsewhere.send(new eks.ListClustersCommand({}))).clusters).toEqual([]);
  });

  const wanted = {
    clusterName: "blue",
    namespace: "pay",
    serviceAccount: "api",
    roleArn: roleIn(accountA, "source"),
    targetRoleArn: roleIn(accountB, "target"),
    tags: { team: "pay" },
  };

  it("makes, lists, describes, changes and deletes associations", async () => {
    const make = () => a.eks.send(new eks.CreatePodIdentityAssociationCommand(wanted));
    const missing = await make().catch((error: unknown) => error);
    expect(missing).toMatchObject({
      name: "InvalidParameterException",
      message: "Role provided in the request does not exist",
    });
    await a.iam.send(new CreateRoleCommand({ RoleName: "source", AssumeRolePolicyDocument: podTrust }));
    const { association } = await make();
    expect(association).toMatchObject({
      namespace: "pay",
      targetRoleArn: wanted.targetRoleArn,
      externalId: `${region}/${accountA}/blue/pay/api`,
      tags: { team: "pay" },
    });
    expect(await outcome(make())).toBe("ResourceInUseException");
    const of = { clusterName: "blue", associationId: association?.associationId };
    const listed = await a.eks.send(
      new eks.ListPodIdentityAssociationsCommand({
        clusterName: "blue",
        namespace: "pay",
        serviceAccount: "api",
      }),
    );
    expect(listed.associations).toHaveLength(1);
    expect(listed.associations?.[0]).not.toHaveProperty("roleArn");
    await a.eks.send(new eks.UpdatePodIdentityAssociationCommand({ ...of, targetRoleArn: "" }));
    const described = await a.eks.send(new eks.DescribePodIdentityAssociationCommand(of));
    expect(described.association?.roleArn).toBe(wanted.roleArn);
    expect(described.association?.targetRoleArn).toBeUndefined();
    const resourceArn = association?.associationArn;
    await a.eks.send(new eks.TagResourceCommand({ resourceArn, tags: { more: "x" } }));
    const tags = await a.eks.send(new eks.ListTagsForResourceCommand({ resourceArn }));
    expect(tags.tags).toEqual({ team: "pay", more: "x" });
    await a.eks.send(new eks.DeletePodIdentityAssociationCommand(of));
    expect(await outcome(a.eks.send(new eks.DescribePodIdentityAssociationCommand(of)))).toBe(
      "ResourceNotFoundException",
    );
  });

  it("takes roles of the cluster's account only", async () => {
    const call = new eks.CreatePodIdentityAssociationCommand({
      ...wanted,
      roleArn: roleIn(accountB, "provisioner"),
    });
    expect(await outcome(a.eks.send(call))).toBe("AccessDeniedException");
  });

  it("asks for iam:PassRole with the service it is passed to", async () => {
    const passer = (service: string) => ({
      name: "passer",
      trust: trusting({ AWS: "arn:aws:iam::999900001111:user/worker" }),
      policies: [
        {
          name: "p",
          document: {
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Action: "eks:*", Resource: "*" },
              {
                Effect: "Allow",
                Action: "iam:PassRole",
                Resource: "*",
                Condition: { StringEquals: { "iam:PassedToService": service } },
              },
            ],
          },
        },
      ],
    });
    for (const [service, expected] of [
      ["ec2.amazonaws.com", "AccessDeniedException"],
      ["pods.eks.amazonaws.com", "ok"],
    ] as const) {
      await control(sandbox.url, "reset", {});
      await control(sandbox.url, "seed", {
        accounts: [
          ...estate.accounts.filter((one) => one.id !== accountA),
          {
            ...estate.accounts[1],
            roles: [
              ...(estate.accounts[1]?.roles ?? []),
              { name: "source", trust: JSON.parse(podTrust) },
              passer(service),
            ],
          },
        ],
      });
      const caller = clients(sandbox.url, await assumed(sandbox.url, roleIn(accountA, "passer")));
      const call = new eks.CreatePodIdentityAssociationCommand({ ...wanted, targetRoleArn: undefined });
      expect(await outcome(caller.eks.send(call))).toBe(expected);
    }
  });
});

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

describe("SQS", () => {
  const url = `https://sqs.${region}.amazonaws.com/${accountB}/orders`;
  const arn = `arn:aws:sqs:${region}:${accountB}:orders`;
  const grant = {
    Sid: "One",
    Effect: "Allow",
    Principal: { AWS: roleIn(accountA, "provisioner") },
    Action: "sqs:SendMessage",
    Resource: arn,
  };
  const set = (document: unknown) =>
    b.sqs.send(
      new sqs.SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: JSON.stringify(document) } }),
    );

  it("sends, receives and deletes, by its own URLs and AWS's", async () => {
    const { QueueUrls } = await b.sqs.send(new sqs.ListQueuesCommand({}));
    expect(QueueUrls).toEqual([`${sandbox.url}/${accountB}/orders`]);
    const { QueueUrl } = await b.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: "orders" }));
    const sent = await b.sqs.send(new sqs.SendMessageCommand({ QueueUrl: url, MessageBody: "hello" }));
    const { Messages } = await b.sqs.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
    expect(Messages?.[0]).toMatchObject({ MessageId: sent.MessageId, Body: "hello" });
    expect((await b.sqs.send(new sqs.ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await b.sqs.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(await outcome(b.sqs.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle })))).toBe(
      "ReceiptHandleIsInvalid",
    );
  });

  it("makes queues and tells their attributes", async () => {
    const make = (VisibilityTimeout: string) =>
      b.sqs.send(new sqs.CreateQueueCommand({ QueueName: "new", Attributes: { VisibilityTimeout } }));
    const { QueueUrl } = await make("10");
    expect(await outcome(make("10"))).toBe("ok");
    expect(await outcome(make("20"))).toBe("QueueNameExists");
    const all = await b.sqs.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(all.Attributes).toMatchObject({ VisibilityTimeout: "10", QueueArn: arn.replace("orders", "new") });
    expect(all.Attributes).not.toHaveProperty("Policy");
    expect(await outcome(b.sqs.send(new sqs.GetQueueUrlCommand({ QueueName: "none" })))).toBe(
      "QueueDoesNotExist",
    );
  });

  it("keeps a policy, and needs both sides across accounts", async () => {
    const send = () => a.sqs.send(new sqs.SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const denied = await send().catch((error: unknown) => error);
    expect(denied).toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
      $metadata: { httpStatusCode: 403 },
    });
    await set(statement(grant));
    expect(await outcome(send())).toBe("ok");
    const got = await b.sqs.send(
      new sqs.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["Policy"] }),
    );
    expect(JSON.parse(got.Attributes?.Policy ?? "")).toEqual(statement(grant));
    await b.sqs.send(new sqs.SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: "" } }));
    expect(await outcome(send())).toMatch(/^AccessDenied/);
  });

  it.each<[string, object, string]>([
    [
      "an unknown principal",
      statement({ ...grant, Principal: { AWS: roleIn(accountA, "nobody") } }),
      "InvalidAttributeValue",
    ],
    [
      "another queue",
      statement({ ...grant, Resource: arn.replace("orders", "others") }),
      "InvalidAttributeValue",
    ],
    [
      "eight actions",
      statement({ ...grant, Action: Array.from({ length: 8 }, () => "sqs:SendMessage") }),
      "OverLimit",
    ],
    [
      "21 statements",
      {
        Version: "2012-10-17",
        Statement: Array.from({ length: 21 }, (_, n) => ({ ...grant, Sid: `s${n}` })),
      },
      "OverLimit",
    ],
    ["8,193 bytes", statement({ ...grant, Sid: "x".repeat(8193) }), "OverLimit"],
  ])("refuses a policy with %s", async (_, document, name) => {
    expect(await outcome(set(document))).toBe(name);
  });
});
