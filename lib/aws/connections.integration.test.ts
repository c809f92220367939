import { connect, createServer, type Server } from "node:net";
import { GetAccountSummaryCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { worldSeed } from "#lib/worker/testing-seed.ts";
import { accountA, sessionsAt } from "./testing/estate.ts";

let sandbox: RunningSandbox;
let proxy: Server;
let opened: number;

/** A way to the sandbox that counts the connections. */
beforeEach(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  opened = 0;
  proxy = createServer((socket) => {
    opened += 1;
    const onward = connect(Number(new URL(sandbox.url).port), "127.0.0.1");
    socket.pipe(onward).pipe(socket);
    socket.on("error", () => onward.destroy());
    onward.on("error", () => socket.destroy());
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
});
afterEach(async () => {
  proxy.close();
  await sandbox.close();
});

it("stay open from one session to the next: a session a step costs no handshake", async () => {
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const sessions = sessionsAt(`http://127.0.0.1:${address.port}`);
  for (const sessionName of ["first", "second", "third"])
    await sessions.account(accountA, { sessionName }).iam().send(new GetAccountSummaryCommand({}));
  expect(opened).toBe(1);
});
