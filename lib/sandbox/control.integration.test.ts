import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ListClustersCommand } from "@aws-sdk/client-eks";
import {
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { ListBucketsCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
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
  everything,
  outcome,
  portal,
  region,
  trusting,
  workerKeys,
} from "./test-estate.ts";

let sandbox: RunningSandbox;
let now = Date.now();
beforeAll(async () => {
  sandbox = await startSandbox({ clock: () => now });
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  now = Date.now();
  await control(sandbox.url, "reset", {});
  await control(sandbox.url, "seed", estate);
});

const worker = `arn:aws:iam::${portal}:user/worker`;
const workerTrust = JSON.stringify(trusting({ AWS: worker }));

describe("faults", () => {
  it.each([
    ["throttleRate", "iam", "Throttling"],
    ["throttleRate", "eks", "ThrottlingException"],
    ["throttleRate", "s3", "SlowDown"],
    ["throttleRate", "sqs", "RequestThrottled"],
    ["errorRate", "iam", "ServiceFailureException"],
    ["errorRate", "eks", "ServerException"],
    ["errorRate", "s3", "InternalError"],
  ])("%s answers in the words of %s", async (rate, service, name) => {
    const { iam, eks, s3, sqs } = await adminOf(sandbox.url, accountA);
    await control(sandbox.url, "faults", { [rate]: 1, only: { service } });
    const call = {
      iam: () => iam.send(new ListRolesCommand({})),
      eks: () => eks.send(new ListClustersCommand({})),
      s3: () => s3.send(new ListBucketsCommand({})),
      sqs: () => sqs.send(new ListQueuesCommand({})),
    }[service];
    expect(await outcome(call?.() ?? Promise.resolve())).toBe(name);
  });

  it("are retried by the SDK, and strike the same calls with the same seed", async () => {
    const credentials = await assumed(sandbox.url, `arn:aws:iam::${accountA}:role/provisioner`);
    const patient = new IAMClient({ endpoint: sandbox.url, region, credentials, maxAttempts: 10 });
    const outcomes: string[][] = [];
    for (let round = 0; round < 2; round += 1) {
      await control(sandbox.url, "faults", {
        throttleRate: 0.5,
        seed: 7,
        only: { service: "iam", operation: "ListRoles" },
      });
      const quick = clients(sandbox.url, credentials).iam;
      const seen: string[] = [];
      for (let call = 0; call < 12; call += 1) seen.push(await outcome(quick.send(new ListRolesCommand({}))));
      outcomes.push(seen);
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(new Set(outcomes[0])).toEqual(new Set(["ok", "Throttling"]));
    expect(await outcome(patient.send(new ListRolesCommand({})))).toBe("ok");
  });

  it("lose the answer after the effect", async () => {
    const { iam } = await adminOf(sandbox.url, accountA);
    await control(sandbox.url, "faults", {
      lostAnswerRate: 1,
      only: { service: "iam", operation: "CreateRole" },
    });
    const create = iam.send(
      new CreateRoleCommand({ RoleName: "half", AssumeRolePolicyDocument: workerTrust }),
    );
    expect(await outcome(create)).not.toBe("ok");
    expect(await outcome(iam.send(new GetRoleCommand({ RoleName: "half" })))).toBe("ok");
  });

  it("take time", async () => {
    const { iam } = await adminOf(sandbox.url, accountA);
    await control(sandbox.url, "faults", { latencyMs: 150 });
    const before = performance.now();
    await iam.send(new ListRolesCommand({}));
    expect(performance.now() - before).toBeGreaterThan(145);
  });
});

describe("visibility", () => {
  it("comes late for roles as principals, to be assumed and to be read, and for their policies", async () => {
    const b = await adminOf(sandbox.url, accountB);
    await control(sandbox.url, "faults", { visibilityDelayMs: 10_000 });
    const arn = `arn:aws:iam::${accountB}:role/slow`;
    await b.iam.send(new CreateRoleCommand({ RoleName: "slow", AssumeRolePolicyDocument: workerTrust }));
    await b.iam.send(
      new PutRolePolicyCommand({
        RoleName: "slow",
        PolicyName: "all",
        PolicyDocument: JSON.stringify(everything),
      }),
    );
    const named = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: arn },
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::reports/*",
        },
      ],
    });
    const put = () => b.s3.send(new PutBucketPolicyCommand({ Bucket: "reports", Policy: named }));
    const assume = () =>
      clients(sandbox.url, workerKeys).sts.send(
        new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "test" }),
      );
    const get = () => b.iam.send(new GetRoleCommand({ RoleName: "slow" }));
    expect(await Promise.all([put(), assume(), get()].map(outcome))).toEqual([
      "MalformedPolicy",
      "AccessDenied",
      "NoSuchEntityException",
    ]);
    now += 10_001;
    expect(await Promise.all([put(), assume(), get()].map(outcome))).toEqual(["ok", "ok", "ok"]);
    const slow = clients(sandbox.url, await assumed(sandbox.url, arn));
    const buckets = () => outcome(slow.s3.send(new ListBucketsCommand({})));
    expect(await buckets()).toBe("ok");
    const nothing = JSON.stringify({
      ...everything,
      Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
    });
    await b.iam.send(
      new PutRolePolicyCommand({ RoleName: "slow", PolicyName: "all", PolicyDocument: nothing }),
    );
    expect(await buckets()).toBe("ok");
    now += 10_001;
    expect(await buckets()).toBe("AccessDenied");
    await b.iam.send(new DeleteRolePolicyCommand({ RoleName: "slow", PolicyName: "all" }));
    expect(await buckets()).toBe("AccessDenied");
  });
});

describe("authorisation", () => {
  it("keeps a role within its boundary", async () => {
    const b = await adminOf(sandbox.url, accountB);
    await b.iam.send(new CreateRoleCommand({ RoleName: "bounded", AssumeRolePolicyDocument: workerTrust }));
    await b.iam.send(
      new PutRolePolicyCommand({
        RoleName: "bounded",
        PolicyName: "all",
        PolicyDocument: JSON.stringify(everything),
      }),
    );
    const session = clients(sandbox.url, await assumed(sandbox.url, `arn:aws:iam::${accountB}:role/bounded`));
    const both = async () => [
      await outcome(session.s3.send(new ListBucketsCommand({}))),
      await outcome(session.iam.send(new ListRolesCommand({}))),
    ];
    expect(await both()).toEqual(["ok", "ok"]);
    const s3Only = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
    await control(sandbox.url, "seed", {
      accounts: [{ id: accountB, policies: [{ name: "s3-only", document: s3Only }] }],
    });
    await b.iam.send(
      new PutRolePermissionsBoundaryCommand({
        RoleName: "bounded",
        PermissionsBoundary: `arn:aws:iam::${accountB}:policy/s3-only`,
      }),
    );
    expect(await both()).toEqual(["ok", "AccessDenied"]);
  });
});

describe("the control API", () => {
  it("seeds what is missing, and dumps the same state every time", async () => {
    const first = await control(sandbox.url, "state");
    await control(sandbox.url, "seed", estate);
    expect(await control(sandbox.url, "state")).toEqual(first);
    await control(sandbox.url, "reset", {});
    await control(sandbox.url, "seed", estate);
    expect(JSON.stringify(await control(sandbox.url, "state"))).toBe(JSON.stringify(first));
  });

  it("logs each call", async () => {
    const { iam } = await adminOf(sandbox.url, accountB);
    const answer = await iam.send(new ListRolesCommand({}));
    await outcome(iam.send(new GetRoleCommand({ RoleName: "none" })));
    const calls = await control(sandbox.url, "calls?since=1");
    expect(calls).toMatchObject([
      {
        sequence: 2,
        accountId: accountB,
        service: "iam",
        operation: "ListRoles",
        callerArn: `arn:aws:sts::${accountB}:assumed-role/provisioner/test`,
        status: 200,
        errorCode: null,
        requestId: answer.$metadata.requestId,
      },
      { sequence: 3, operation: "GetRole", status: 404, errorCode: "NoSuchEntity" },
    ]);
  });

  it("refuses what it does not understand, and web pages", async () => {
    await expect(control(sandbox.url, "faults", { latency: 1 })).rejects.toThrow("latency");
    await expect(control(sandbox.url, "seed", { accounts: [{ id: "1" }] })).rejects.toThrow("12 digits");
    await expect(control(sandbox.url, "nothing")).rejects.toThrow("No GET");
    const bad = {
      id: accountB,
      roles: [{ name: "bad", trust: trusting({ AWS: "arn:aws:iam::000000000000:root" }) }],
    };
    await expect(control(sandbox.url, "seed", { accounts: [bad] })).rejects.toThrow("no such principal");
    const page = await fetch(`${sandbox.url}/_sandbox/state`, { headers: { origin: "http://evil.example" } });
    expect(page.status).toBe(403);
  });
});

describe("the process", () => {
  const start = async (file: string) => {
    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    const child = spawn(process.execPath, [main], {
      env: { NODE_ENV: "test", SANDBOX_PORT: "0", SANDBOX_STATE_FILE: file },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) =>
      child.stdout.once("data", (data) => resolve(String(data))),
    );
    const ready: unknown = JSON.parse(line);
    expect(ready).toMatchObject({ ready: true });
    const port = typeof ready === "object" && ready !== null && "port" in ready ? Number(ready.port) : 0;
    const stop = () =>
      new Promise<number | null>((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
    return { url: `http://127.0.0.1:${port}`, stop };
  };

  it("keeps its state over a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-state-"));
    const file = join(folder, "deep", "state.json");
    try {
      const first = await start(file);
      await control(first.url, "seed", estate);
      const { iam } = await adminOf(first.url, accountB);
      await iam.send(new CreateRoleCommand({ RoleName: "kept", AssumeRolePolicyDocument: workerTrust }));
      const before = await control(first.url, "state");
      expect(await first.stop()).toBe(0);
      expect(JSON.parse(await readFile(file, "utf8"))).toHaveProperty("accounts");
      const second = await start(file);
      expect(await control(second.url, "state")).toEqual(before);
      expect(
        await outcome(
          (await adminOf(second.url, accountB)).iam.send(new GetRoleCommand({ RoleName: "kept" })),
        ),
      ).toBe("ok");
      await second.stop();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
