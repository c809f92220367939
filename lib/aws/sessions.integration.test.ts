import { GetRoleCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { AwsCall } from "./calls.ts";
import { role } from "./controllers/role.ts";
import { classify } from "./errors.ts";
import { explain } from "./explain.ts";
import { clockErrorMs, sessionName } from "./sessions.ts";
import {
  accountA,
  accountB,
  accountTrust,
  contextOf,
  region,
  roleResource,
  seed,
  sessionsAt,
} from "./testing/estate.ts";

const allowed: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iam:ListRoles", Resource: "*" }],
};

let sandbox: RunningSandbox;
const calls: AwsCall[] = [];
const onCall = (call: AwsCall) => calls.push(call);

beforeAll(async () => {
  sandbox = await startSandbox({ seed: seed() });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  calls.length = 0;
});

describe("sessions", () => {
  it("share one assumption among all clients and calls of an account, and name the request", async () => {
    const purpose = { sessionName: "run 7/step 2", sourceIdentity: "request-7" };
    const clients = sessionsAt(sandbox.url, { onCall }).account(accountB, purpose);
    await Promise.all([
      clients.iam().send(new ListRolesCommand({})),
      clients.s3(region).send(new ListBucketsCommand({})),
    ]);
    await clients.iam().send(new ListRolesCommand({}));
    expect(calls.map(({ operation }) => operation).sort()).toEqual([
      "AssumeRole",
      "ListBuckets",
      "ListRoles",
      "ListRoles",
    ]);
    expect(Object.values(sandbox.state().sessions)).toMatchObject([
      { sessionName: "run-7-step-2", sourceIdentity: "request-7", roleArn: accountB.provisionerRoleArn },
    ]);
  });

  it.each([-7_200, -60, 0, 60, 7_200])(
    "are asked for with a policy made of AWS's own time, which is %i s ahead of ours",
    async (ahead) => {
      const aheadMs = ahead * 1_000;
      const away = await startSandbox({ seed: seed(), clock: () => Date.now() + aheadMs });
      try {
        const asked: number[] = [];
        const policy = (awsNow: Date) => {
          asked.push(awsNow.getTime() - Date.now() - aheadMs);
          return allowed;
        };
        const sessions = sessionsAt(away.url);
        await sessions.account(accountB, { sessionName: "first", policy }).open();
        await sessions.account(accountA, { sessionName: "second", policy }).open();
        // The first answer tells a wrong clock, and no later question is put with it.
        expect(asked).toHaveLength(ahead === 0 ? 2 : 3);
        for (const off of asked.slice(ahead === 0 ? 0 : 1)) expect(Math.abs(off)).toBeLessThan(clockErrorMs);
      } finally {
        await away.close();
      }
    },
  );

  it.each([
    [0, -7_200],
    [0, 600],
    [-600, 0],
  ])(
    "that are asked for side by side after our clock was set from %i to %i s are all made of AWS's time",
    async (before, after) => {
      const realNow = Date.now.bind(Date);
      const away = await startSandbox({ seed: seed(), clock: realNow });
      let oursMs = before * 1_000;
      const ourClock = vi.spyOn(Date, "now").mockImplementation(() => realNow() + oursMs);
      try {
        const sessions = sessionsAt(away.url);
        await sessions.account(accountB, { sessionName: "reader" }).open();
        oursMs = after * 1_000;
        const off = new Map<string, number>();
        await Promise.all(
          ["a", "b", "c"].map((sessionName) => {
            const policy = (awsNow: Date) => {
              off.set(sessionName, awsNow.getTime() - realNow());
              return allowed;
            };
            return sessions.account(accountA, { sessionName, policy }).open();
          }),
        );
        for (const wrongBy of off.values()) expect(Math.abs(wrongBy)).toBeLessThan(clockErrorMs);
        expect(off.size).toBe(3);
      } finally {
        ourClock.mockRestore();
        await away.close();
      }
    },
  );

  it("record each call with its account, ids and failure", async () => {
    const clients = sessionsAt(sandbox.url, { onCall }).account(accountB, { sessionName: "s" });
    await expect(clients.iam().send(new GetRoleCommand({ RoleName: "none" }))).rejects.toThrow();
    expect(calls.at(-1)).toMatchObject({
      accountId: accountB.id,
      service: "IAM",
      operation: "GetRole",
      requestId: expect.stringMatching(/.+/),
      httpStatus: 404,
      attempts: 1,
      durationMs: expect.any(Number),
      error: { name: "NoSuchEntity" },
    });
  });

  it("are refused with the wrong ExternalId, and say what to do", async () => {
    const stranger = { ...accountB, externalId: "not-the-external-id" };
    const clients = sessionsAt(sandbox.url, { onCall }).account(stranger, { sessionName: "s" });
    const failure = classify(
      await clients
        .iam()
        .send(new ListRolesCommand({}))
        .catch((error: unknown) => error),
    );
    expect(failure.kind).toBe("access-denied");
    const { nextStep } = explain(failure, { kind: "account", accountId: accountB.id, key: "account" });
    expect(nextStep).toContain("ExternalId");
  });

  it("can be narrowed to what a step needs", async () => {
    const policy = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Allow" as const, Action: "iam:ListRoles", Resource: "*" }],
    };
    const clients = sessionsAt(sandbox.url).account(accountB, { sessionName: "s", policy });
    await clients.iam().send(new ListRolesCommand({}));
    await expect(clients.s3(region).send(new ListBucketsCommand({}))).rejects.toThrow(
      /not authorized|denied/i,
    );
  });

  it("retry throttling and lost answers, and end in the same state", async () => {
    const rough = await startSandbox({
      seed: seed(),
      faults: { throttleRate: 0.2, lostAnswerRate: 0.2, seed: 7, only: { service: "iam" } },
    });
    try {
      const ctx = contextOf(sessionsAt(rough.url, { onCall, maxAttempts: 8 }), accountA);
      for (const name of ["r1", "r2", "r3"]) {
        const wanted = roleResource(accountA, name, accountTrust(accountA.id));
        await role.create(ctx, wanted);
        expect(await role.observe(ctx, wanted)).toMatchObject({
          state: "present",
          body: wanted.body,
          ours: true,
        });
      }
      expect(calls.some(({ attempts }) => attempts > 1)).toBe(true);
    } finally {
      await rough.close();
    }
  });

  it("do not retry a quota", async () => {
    const [a, ...rest] = seed().accounts;
    if (!a) throw new Error("no account");
    const full = await startSandbox({ seed: { accounts: [{ ...a, quotas: { roles: 2 } }, ...rest] } });
    try {
      const ctx = contextOf(sessionsAt(full.url, { onCall }), accountA);
      const failure = role.create(ctx, roleResource(accountA, "one-more", accountTrust(accountA.id)));
      expect(classify(await failure.catch((error: unknown) => error)).kind).toBe("quota");
      expect(calls.at(-1)).toMatchObject({ operation: "CreateRole", attempts: 1 });
    } finally {
      await full.close();
    }
  });
});

describe("sessionName", () => {
  it.each([
    ["run 7/step 2", "run-7-step-2"],
    ["x", "x-"],
    ["a".repeat(80), "a".repeat(64)],
  ])("%s → %s", (text, name) => {
    expect(sessionName(text)).toBe(name);
  });
});
