import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { AwsCall } from "../calls.ts";
import type { ControllerContext } from "../controller.ts";
import { DanglingPrincipalError } from "../errors.ts";
import {
  accountA,
  accountB,
  accountTrust,
  contextOf,
  region,
  roleResource,
  seed,
  sessionsAt,
  statementsResource,
} from "../testing/estate.ts";
import { resourcePolicyStatements as controller } from "./resource-policy-statements.ts";
import { role } from "./role.ts";

let sandbox: RunningSandbox;
let ctx: ControllerContext;
let ctxA: ControllerContext;
const calls: AwsCall[] = [];
/** Runs when a call of this name has ended: another writer in the gap. */
let after: { operation: string; run: () => void } | undefined;
const source = roleResource(accountA, "src", accountTrust(accountA.id));

beforeAll(async () => {
  sandbox = await startSandbox({ seed: seed() });
  const sessions = sessionsAt(sandbox.url, {
    onCall(call) {
      calls.push(call);
      if (call.operation !== after?.operation) return;
      const { run } = after;
      after = undefined;
      run();
    },
  });
  ctx = contextOf(sessions, accountB);
  ctxA = contextOf(sessions, accountA);
  await role.create(ctxA, source);
});
afterAll(() => sandbox.close());

type Service = "s3" | "sqs";
const putOf: Record<Service, string> = { s3: "PutBucketPolicy", sqs: "SetQueueAttributes" };

function holder(service: Service): { policy: PolicyDocument | null } {
  const found =
    service === "s3"
      ? sandbox.state().buckets.reports
      : sandbox.state().accounts[accountB.id]?.queues[`${region}/orders`];
  if (!found) throw new Error("not seeded");
  return found;
}

beforeEach(() => {
  calls.length = 0;
  after = undefined;
  holder("s3").policy = null;
  holder("sqs").policy = null;
});

const written = () => calls.filter(({ operation }) => /^(Put|Set|Delete)/.test(operation)).length;

const arnOf = { s3: "arn:aws:s3:::reports", sqs: `arn:aws:sqs:${region}:${accountB.id}:orders` };

/** A statement of another team; its forms (array of one, string) must survive. */
function foreign(service: Service, Sid: string): Statement {
  const Resource = service === "s3" ? [`${arnOf.s3}/*`] : arnOf.sqs;
  const Action = service === "s3" ? ["s3:GetObject"] : "sqs:SendMessage";
  return { Sid, Effect: "Allow", Principal: { AWS: [`arn:aws:iam::${accountB.id}:root`] }, Action, Resource };
}

function present(document: PolicyDocument | null): Statement[] {
  return document ? statementsOf(document) : [];
}

describe.each<Service>(["s3", "sqs"])("statements in a policy of %s", (service) => {
  const wanted = statementsResource(service, source.key);
  const sids = wanted.body.statements.map(({ Sid }) => Sid);

  it("are made, found equal, made again without a write, changed, and leave nothing behind", async () => {
    expect(await controller.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "created" });
    const observed = await controller.observe(ctx, wanted);
    expect(observed).toMatchObject({ state: "present", body: wanted.body, ours: true });
    const before = written();
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "unchanged" });
    expect(written()).toBe(before);

    const [first] = wanted.body.statements;
    if (!first) throw new Error("no statement");
    const narrowed = { ...first, Condition: { Bool: { "aws:SecureTransport": "true" } } };
    const changed: CloudResource<"resource-policy-statements"> = {
      ...wanted,
      body: { ...wanted.body, statements: [narrowed] },
    };
    expect(await controller.update(ctx, changed, observed)).toEqual({ effect: "updated" });
    expect(await controller.observe(ctx, changed)).toMatchObject({ body: changed.body });
    expect(await controller.delete(ctx, changed, observed)).toEqual({ effect: "deleted" });
    expect(holder(service).policy).toBeNull();
    expect((await controller.delete(ctx, changed, observed)).effect).toBe("unchanged");
  });

  it("leave the statements, Id, Version and order of others as they are", async () => {
    const theirs: PolicyDocument = {
      Version: "2008-10-17",
      Id: "theirs",
      Statement: [foreign(service, "B"), foreign(service, "A")],
    };
    holder(service).policy = structuredClone(theirs);
    const second = statementsResource(service, source.key, "zyxwvutsrqpo");
    await controller.create(ctx, wanted);
    await controller.create(ctx, second);
    const merged = holder(service).policy;
    expect(merged).toMatchObject({ Version: "2008-10-17", Id: "theirs" });
    expect(present(merged).map(({ Sid }) => Sid)).toEqual([
      "B",
      "A",
      ...sids,
      ...second.body.statements.map(({ Sid }) => Sid),
    ]);
    await controller.delete(ctx, wanted, await controller.observe(ctx, wanted));
    expect(await controller.observe(ctx, second)).toMatchObject({ state: "present", body: second.body });
    await controller.delete(ctx, second, await controller.observe(ctx, second));
    expect(holder(service).policy).toEqual(theirs);
  });

  it("merge into what is there now, not into what was observed", async () => {
    const observed = await controller.observe(ctx, wanted);
    holder(service).policy = { Version: "2012-10-17", Statement: [foreign(service, "New")] };
    await controller.update(ctx, wanted, observed);
    expect(present(holder(service).policy).map(({ Sid }) => Sid)).toEqual(["New", ...sids]);
  });

  it("are merged again when another writer comes directly after and drops them", async () => {
    const run = () => {
      holder(service).policy = { Version: "2012-10-17", Statement: [foreign(service, "Late")] };
    };
    after = { operation: putOf[service], run };
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "created" });
    expect(present(holder(service).policy).map(({ Sid }) => Sid)).toEqual(["Late", ...sids]);
  });

  it("accept another writer who comes directly after and keeps them", async () => {
    const run = () => {
      const now = present(holder(service).policy);
      holder(service).policy = { Version: "2012-10-17", Statement: [foreign(service, "Late"), ...now] };
    };
    after = { operation: putOf[service], run };
    await controller.create(ctx, wanted);
    expect(written()).toBe(1);
    expect(present(holder(service).policy).map(({ Sid }) => Sid)).toEqual(["Late", ...sids]);
  });

  it("name the statement of others that a deleted principal spoils, and write nothing", async () => {
    const dangling = {
      ...foreign(service, "OldTeam"),
      Principal: { AWS: "AROAEXAMPLEEXAMPLE123" },
    };
    const theirs: PolicyDocument = { Version: "2012-10-17", Statement: [dangling] };
    holder(service).policy = structuredClone(theirs);
    const creating = controller.create(ctx, wanted);
    await expect(creating).rejects.toThrow(DanglingPrincipalError);
    await expect(creating).rejects.toThrow(/"OldTeam" names AROAEXAMPLEEXAMPLE123/);
    expect([holder(service).policy, written()]).toEqual([theirs, 0]);
  });

  it("are mended when their own principal was deleted and made again", async () => {
    await controller.create(ctx, wanted);
    await role.delete(ctxA, source, { state: "absent" });
    await role.create(ctxA, source);
    const observed = await controller.observe(ctx, wanted);
    expect(observed).not.toMatchObject({ body: wanted.body });
    expect(await controller.update(ctx, wanted, observed)).toEqual({ effect: "updated" });
    expect(await controller.observe(ctx, wanted)).toMatchObject({ body: wanted.body });
  });
});

describe("buckets", () => {
  it("that are not there are a conflict to create in, and nothing to delete from", async () => {
    const wanted = statementsResource("s3", source.key);
    const resourceArn = "arn:aws:s3:::no-such-bucket";
    const gone = {
      ...wanted,
      key: wanted.key.replace(arnOf.s3, resourceArn),
      body: { ...wanted.body, resourceArn },
    };
    expect(await controller.observe(ctx, gone)).toMatchObject({
      state: "absent",
      conflict: expect.any(String),
    });
    expect((await controller.delete(ctx, gone, { state: "absent" })).effect).toBe("unchanged");
  });

  it("of another account are refused, whatever the provisioner may do there", async () => {
    const elsewhere = { ...statementsResource("s3", source.key), accountId: accountA.id };
    await expect(controller.create(ctxA, elsewhere)).rejects.toThrow(/denied|403|Unknown/i);
    expect(holder("s3").policy).toBeNull();
  });
});
