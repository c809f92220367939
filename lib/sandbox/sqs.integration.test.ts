import * as sqs from "@aws-sdk/client-sqs";
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

const roleIn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
const statement = (more: object) => ({ Version: "2012-10-17", Statement: [more] });

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
