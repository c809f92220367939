import { CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { AwsCall } from "../calls.ts";
import type { ControllerContext } from "../controller.ts";
import { DanglingPrincipalError } from "../errors.ts";
import type { AccountClients } from "../sessions.ts";
import { requires, startAws, type TestAws } from "../testing/aws.ts";
import {
  accountA,
  accountB,
  accountTrust,
  contextOf,
  region,
  roleResource,
  seed,
  sessionsAt,
  siblingGrant,
  statementsResource,
} from "../testing/estate.ts";
import { afterCall, storedPolicy, storePolicy } from "../testing/other-writers.ts";
import { resourcePolicyStatements as controller } from "./resource-policy-statements.ts";
import { role } from "./role.ts";

let aws: TestAws<RunningSandbox>;
let ctx: ControllerContext;
let ctxA: ControllerContext;
/** Another team in account B. */
let other: AccountClients;
const calls: AwsCall[] = [];
/** Runs when a call of this name has ended: another writer in the gap. */
let after: { operation: string; run: () => Promise<void> } | undefined;
const source = roleResource(accountA, "src", accountTrust(accountA.id));

beforeAll(async () => {
  aws = await startAws(seed(), startSandbox);
  const sessions = sessionsAt(aws.url, { onCall: (call) => calls.push(call) });
  ctx = contextOf(sessions, accountB);
  ctxA = contextOf(sessions, accountA);
  other = aws.administrator(accountB);
  for (const client of [ctx.clients.s3(region), ctx.clients.sqs(region)]) {
    afterCall(client, async (operation) => {
      if (operation !== after?.operation) return;
      const { run } = after;
      after = undefined;
      await run();
    });
  }
  await role.create(ctxA, source);
});
afterAll(() => aws.close());

type Service = "s3" | "sqs";
const putOf: Record<Service, string> = { s3: "PutBucketPolicy", sqs: "SetQueueAttributes" };

const stored = (service: Service) => storedPolicy(other, arnOf[service]);
const store = (service: Service, document: PolicyDocument | null) =>
  storePolicy(other, arnOf[service], document);

/** As it can't be stored through AWS: with a principal that is gone. */
async function tamper(service: Service, document: PolicyDocument | null): Promise<void> {
  const place =
    service === "s3" ? { kind: "bucket-policy", name: "reports" } : { kind: "queue-policy", name: "orders" };
  const body = JSON.stringify({ accountId: accountB.id, ...place, document });
  const answer = await fetch(`${aws.url}/_sandbox/mutate`, { method: "POST", body });
  if (!answer.ok) throw new Error(await answer.text());
}

beforeEach(async () => {
  after = undefined;
  await store("s3", null);
  await store("sqs", null);
  calls.length = 0;
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
    expect(await stored(service)).toBeNull();
    expect((await controller.delete(ctx, changed, observed)).effect).toBe("unchanged");
  });

  it("leave the statements, Id, Version and order of others as they are", async () => {
    const theirs: PolicyDocument = {
      Version: "2008-10-17",
      Id: "theirs",
      Statement: [foreign(service, "B"), foreign(service, "A")],
    };
    await store(service, theirs);
    const second = statementsResource(service, source.key, "zyxwvutsrqpo");
    await controller.create(ctx, wanted);
    await controller.create(ctx, second);
    const merged = await stored(service);
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
    expect(await stored(service)).toEqual(theirs);
  });

  it("merge into what is there now, not into what was observed", async () => {
    const observed = await controller.observe(ctx, wanted);
    await store(service, { Version: "2012-10-17", Statement: [foreign(service, "New")] });
    await controller.update(ctx, wanted, observed);
    expect(present(await stored(service)).map(({ Sid }) => Sid)).toEqual(["New", ...sids]);
  });

  it("are merged again when another writer comes directly after and drops them", async () => {
    const run = () => store(service, { Version: "2012-10-17", Statement: [foreign(service, "Late")] });
    after = { operation: putOf[service], run };
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "created" });
    expect(present(await stored(service)).map(({ Sid }) => Sid)).toEqual(["Late", ...sids]);
  });

  it("accept another writer who comes directly after and keeps them", async () => {
    const run = async () => {
      const now = present(await stored(service));
      await store(service, { Version: "2012-10-17", Statement: [foreign(service, "Late"), ...now] });
    };
    after = { operation: putOf[service], run };
    await controller.create(ctx, wanted);
    expect(written()).toBe(1);
    expect(present(await stored(service)).map(({ Sid }) => Sid)).toEqual(["Late", ...sids]);
  });

  it("name the statement of others that a deleted principal spoils, and write nothing", async (test) => {
    requires(test, "principals' ids");
    const iam = other.iam();
    const RoleName = `old-team-${service}`;
    const AssumeRolePolicyDocument = JSON.stringify(accountTrust(accountB.id));
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const dangling = {
      ...foreign(service, "OldTeam"),
      Principal: { AWS: `arn:aws:iam::${accountB.id}:role/${RoleName}` },
    };
    await store(service, { Version: "2012-10-17", Statement: [dangling] });
    await iam.send(new DeleteRoleCommand({ RoleName }));
    const theirs = await stored(service);
    const creating = controller.create(ctx, wanted);
    await expect(creating).rejects.toThrow(DanglingPrincipalError);
    await expect(creating).rejects.toThrow(/"OldTeam" names AROA[A-Z0-9]+/);
    await expect(creating).rejects.toMatchObject({ grants: [undefined] });
    expect([await stored(service), written()]).toEqual([theirs, 0]);
  });

  it("take out what another grant has there whose role was deleted, where they are told that it is ours", async (test) => {
    requires(test, "principals' ids");
    const gone = roleResource(accountA, `gone-${service}`, accountTrust(accountA.id));
    await role.create(ctxA, gone);
    await store(service, { Version: "2012-10-17", Statement: [foreign(service, "Theirs")] });
    await controller.create(ctx, statementsResource(service, gone.key, siblingGrant));
    await role.delete(ctxA, gone, { state: "absent" });
    const there = async () => present(await stored(service)).map(({ Sid }) => Sid);
    const before = await there();
    await expect(controller.create(ctx, wanted)).rejects.toThrow(DanglingPrincipalError);
    const ofSibling = before.flatMap((Sid) => (Sid === "Theirs" ? [] : [siblingGrant]));
    await expect(controller.create(ctx, wanted)).rejects.toMatchObject({ grants: ofSibling });
    // Somebody has let in another beside: then it is theirs to mend.
    const whole = await stored(service);
    const opened = present(whole).map((one) =>
      one.Sid === "Theirs" || typeof one.Principal !== "object"
        ? one
        : { ...one, Principal: { AWS: [...listOf(one.Principal.AWS), `arn:aws:iam::${accountB.id}:root`] } },
    );
    await tamper(service, { Version: "2012-10-17", Statement: opened });
    await expect(controller.create(ctx, wanted)).rejects.toMatchObject({
      grants: ofSibling.map(() => undefined),
    });
    await tamper(service, whole);
    const others = { ...ctx, deadGrants: new Set(["zzzzzzzzzzzz"]) };
    await expect(controller.create(others, wanted)).rejects.toThrow(DanglingPrincipalError);
    expect(await there()).toEqual(before);
    const told = { ...ctx, deadGrants: new Set([siblingGrant]) };
    expect(await controller.create(told, wanted)).toEqual({ effect: "created" });
    expect(await there()).toEqual(["Theirs", ...sids]);
  });

  it("leave what is alive of another grant, and what others wrote under its name", async () => {
    const alive = statementsResource(service, source.key, siblingGrant);
    await controller.create(ctx, alive);
    const [copied] = present(await stored(service));
    await controller.create({ ...ctx, deadGrants: new Set([siblingGrant]) }, wanted);
    expect(present(await stored(service))).toContainEqual(copied);
    expect(present(await stored(service))).toHaveLength(alive.body.statements.length + sids.length);
  });

  it("are mended when their own principal was deleted and made again", async (test) => {
    requires(test, "principals' ids");
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

  it("of another account are refused, whatever the provisioner may do there", async (test) => {
    requires(test, "bucket owners");
    const elsewhere = { ...statementsResource("s3", source.key), accountId: accountA.id };
    await expect(controller.create(ctxA, elsewhere)).rejects.toThrow(/belongs to somebody else/);
    expect(await stored("s3")).toBeNull();
  });

  describe("whose name is somebody else's by now", () => {
    const wanted = statementsResource("s3", source.key);
    const taken = { state: "absent", conflict: expect.stringContaining("belongs to somebody else") };

    it.for([region, "us-west-2"])(
      "are a conflict to create in, and nothing to delete from: in %s",
      async (where, test) => {
        requires(test, "bucket owners");
        const { buckets } = aws.sandbox().state();
        const { reports } = buckets;
        if (!reports) throw new Error("no bucket");
        // The account has others, one of them with a name that begins like it.
        buckets["reports-of-2019"] = { ...reports, name: "reports-of-2019" };
        buckets.reports = { ...reports, accountId: "999999999999", region: where };
        calls.length = 0;
        try {
          expect(await controller.observe(ctx, wanted)).toMatchObject(taken);
          await expect(controller.create(ctx, wanted)).rejects.toMatchObject({ name: "BucketTaken" });
          expect(await controller.delete(ctx, wanted, { state: "absent" })).toMatchObject({
            effect: "unchanged",
          });
          expect(written()).toBe(0);
        } finally {
          buckets.reports = reports;
          delete buckets["reports-of-2019"];
        }
      },
    );
  });

  it("that deny it to look are the account's own all the same", async (test) => {
    requires(test, "authorisation");
    const wanted = statementsResource("s3", source.key);
    await controller.create(ctx, wanted);
    const Principal = { AWS: accountB.provisionerRoleArn };
    const deny = { Effect: "Deny" as const, Principal, Action: "s3:GetBucketPolicy", Resource: arnOf.s3 };
    await tamper("s3", { Version: "2012-10-17", Statement: [...wanted.body.statements, deny] });
    await expect(controller.observe(ctx, wanted)).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(controller.delete(ctx, wanted, { state: "absent" })).rejects.toMatchObject({
      name: "AccessDenied",
    });
    expect(calls.map(({ operation }) => operation)).toContain("ListBuckets");
  });
});
