import { createServer, request, type Server } from "node:http";
import { GetAccountSummaryCommand } from "@aws-sdk/client-iam";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { worldSeed } from "#lib/worker/testing-seed.ts";
import { accountA, region, sessionsAt } from "./testing/estate.ts";

let sandbox: RunningSandbox;
let front: Server;

/** Not the one that tests set. */
const now = () => performance.timeOrigin + performance.now();
const toleranceMs = 5 * 60_000;

function sentAt(header: string | string[] | undefined): number {
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(String(header)) ?? [];
  const parts = [date?.slice(0, 4), date?.slice(4, 6), date?.slice(6)].join("-");
  return Date.parse(`${parts}T${time?.match(/../g)?.join(":")}Z`);
}

/**
 * Before the sandbox, which takes a request of any time: AWS refuses one that was signed more than five minutes ago or
 * ahead (IAM User Guide, "Elements of an AWS API request signature"; S3 allows fifteen).
 */
beforeEach(async () => {
  sandbox = await startSandbox({ seed: worldSeed(), clock: now });
  const { port } = new URL(sandbox.url);
  front = createServer((asked, answer) => {
    if (Math.abs(sentAt(asked.headers["x-amz-date"]) - now()) <= toleranceMs) {
      const { method, url: path, headers } = asked;
      const onward = request({ port, host: "127.0.0.1", method, path, headers }, (from) => {
        answer.writeHead(from.statusCode ?? 500, { ...from.headers, date: new Date(now()).toUTCString() });
        from.pipe(answer);
      });
      asked.pipe(onward);
      return;
    }
    const isJson = asked.headers["content-type"]?.includes("json");
    const message = "Signature expired: it is now earlier than 5 min.";
    const body = isJson
      ? JSON.stringify({ __type: "InvalidSignatureException", message })
      : `<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>${message}</Message></Error></ErrorResponse>`;
    answer.writeHead(403, {
      "content-type": isJson ? "application/x-amz-json-1.0" : "text/xml",
      date: new Date(now()).toUTCString(),
    });
    answer.end(body);
  });
  await new Promise<void>((listening) => front.listen(0, "127.0.0.1", listening));
});
afterEach(async () => {
  vi.useRealTimers();
  front.closeAllConnections();
  front.close();
  await sandbox.close();
});

it.each([-10, 0, 10])("a worker whose clock is %i minutes off calls AWS all the same", async (minutes) => {
  const address = front.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  vi.useFakeTimers({ toFake: ["Date"], now: now() + minutes * 60_000 });
  const sessions = sessionsAt(`http://127.0.0.1:${address.port}`);
  for (const sessionName of ["first", "second"]) {
    const clients = sessions.account(accountA, { sessionName });
    const summary = await clients.iam().send(new GetAccountSummaryCommand({}));
    expect(summary.SummaryMap?.Roles).toBeGreaterThan(0);
    await clients.sqs(region).send(new ListQueuesCommand({}));
  }
});
