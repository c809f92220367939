import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isUniqueViolation } from "#lib/db/errors.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { type CustomPermissions, sameAccess } from "#lib/model/custom-permissions.ts";
import { grantSchema } from "#lib/model/grant.ts";
import { previewRequest } from "./preview-request.ts";
import { reviewRequest } from "./review-request.ts";
import { submitRequest } from "./submit-request.ts";
import {
  activate,
  approved,
  createOrganisation,
  finishPreflight,
  grantProposal,
  mustAccept,
  type Organisation,
  prodEu,
  queue,
  refusalsIn,
  review,
  rowCounts,
  submission,
  submitted,
} from "./testing.ts";
import { type ChangeSetup, changeSetup, formOf, later } from "./testing-change.ts";

let database: TestDatabase;
let org: Organisation;
let setup: ChangeSetup;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
  setup = changeSetup(org);
});

afterAll(() => database.drop());

const custom = [
  {
    actions: ["s3:ListBucket", "s3:GetObject"],
    conditions: [
      { operator: "StringEquals", key: "aws:SourceVpce", values: ["vpce-0a1b2c3d", "vpce-4e5f6a7b"] },
      { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
    ],
  },
];
const asking = (changes: Record<string, unknown> = {}) => ({
  grants: [grantProposal({ level: "custom", custom, ...changes })],
});

describe("asking for custom access", () => {
  it("is shown to the approver in full, approved as it was reviewed, and stored as approved", async () => {
    const { request, grant } = await approved(org, asking());
    const seen = await requestView(org.deps, org.people.dataOwner, request.number);
    expect(seen?.title).toContain("2 actions on reports-archive");
    expect(seen?.version.targets[0]).toMatchObject({
      level: "custom",
      custom,
      levelMeans: "s3:ListBucket and s3:GetObject, under conditions",
    });
    expect(seen?.hops[0]?.at(-2)?.via).toBe("2 actions");
    expect(grant).toMatchObject({ level: "custom" });
    expect(grantSchema.parse(grant.spec).custom).toEqual(custom);
  });

  it("previews the documents with their conditions, in a sentence each", async () => {
    const { idempotencyKey: _, ...form } = submission(asking());
    const preview = mustAccept(await previewRequest(org.deps, org.people.bothOwner, form));
    expect(preview.refusals).toEqual([]);
    const text = JSON.stringify(preview.plan);
    expect(text).toContain("vpce-0a1b2c3d");
    const sentences = preview.plan?.accounts
      .flatMap(({ steps }) => steps)
      .flatMap(({ documents }) => documents)
      .flatMap((document) => document.sentences);
    expect(sentences?.filter((one) => one.includes("aws:SourceVpce")).length).toBeGreaterThan(0);
  });

  it.each<[string, unknown, string]>([
    ["a wildcard", [{ actions: ["s3:*"], conditions: [] }], "grants.0.custom.0.actions"],
    ["a bucket's policy", [{ actions: ["s3:PutBucketPolicy"], conditions: [] }], "grants.0.custom.0.actions"],
    [
      "a second condition in the place of ours",
      [
        {
          actions: ["s3:GetObject"],
          conditions: [{ operator: "StringEquals", key: "aws:ResourceAccount", values: ["1"] }],
        },
      ],
      "grants.0.custom.0.conditions",
    ],
    [
      "a resource of its own",
      [{ actions: ["s3:GetObject"], conditions: [], Resource: "*" }],
      "grants.0.custom.0",
    ],
    ["a principal", [{ actions: ["s3:GetObject"], conditions: [], Principal: "*" }], "grants.0.custom.0"],
    ["an effect", [{ actions: ["s3:GetObject"], conditions: [], Effect: "Deny" }], "grants.0.custom.0"],
    ["NotAction", [{ NotAction: ["s3:GetObject"], conditions: [] }], "grants.0.custom.0"],
    [
      "conditions as an object",
      [{ actions: ["s3:GetObject"], conditions: {} }],
      "grants.0.custom.0.conditions",
    ],
    ["five statements", Array(5).fill({ actions: ["s3:GetObject"], conditions: [] }), "grants.0.custom"],
    ["nothing", [], "grants.0.custom"],
    ["a text", "s3:GetObject", "grants.0.custom"],
  ])("with %s is refused beside its field, and leaves nothing", async (_, smuggled, field) => {
    const before = await rowCounts(database.prisma);
    const outcome = await submitRequest(
      org.deps,
      org.people.developer,
      submission(asking({ custom: smuggled })),
    );
    expect(refusalsIn(outcome).map((one) => one.field)).toContainEqual(expect.stringContaining(field));
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("with a level that has its own actions is refused", async () => {
    const outcome = await submitRequest(
      org.deps,
      org.people.developer,
      submission(asking({ level: "read" })),
    );
    expect(refusalsIn(outcome).map(({ code }) => code)).toEqual(["custom.not-custom"]);
  });

  it("twice in one request is refused, and for two parts is not", async () => {
    const one = grantProposal({ level: "custom", custom });
    const both = (second: object) => submission({ grants: [one, { ...one, ...second }] });
    const twice = await submitRequest(org.deps, org.people.developer, both({}));
    expect(refusalsIn(twice).map(({ code }) => code)).toEqual(["grant.repeated"]);
    const other = [{ actions: ["s3:GetObject"], conditions: [] }];
    mustAccept(await submitRequest(org.deps, org.people.developer, both({ custom: other })));
  });

  it("for a queue lists the queue's actions", async () => {
    const sqs = [{ actions: ["sqs:PurgeQueue"], conditions: [] }];
    await submitted(org, asking({ target: queue, custom: sqs }));
    const outcome = await submitRequest(
      org.deps,
      org.people.developer,
      submission(asking({ target: queue })),
    );
    expect(refusalsIn(outcome).map(({ code }) => code)).toContain("custom.other-service");
  });
});

describe("beside other custom access to the same target", () => {
  const listing = (...actions: string[]) =>
    grantProposal({ level: "custom", custom: [{ actions, conditions: [] }] });
  const approve = async (changes: Parameters<typeof submitted>[1]) =>
    reviewRequest(org.deps, org.people.bothOwner, review(await submitted(org, changes)));
  const workloadOf = (serviceAccount: string) => ({
    cluster: prodEu,
    namespace: "reporting",
    serviceAccount,
  });

  it("is approved, in one request or in two", async () => {
    const workload = workloadOf("both");
    mustAccept(await approve({ workload, grants: [listing("s3:GetObject"), listing("s3:PutObject")] }));
    mustAccept(await approve({ workload, grants: [listing("s3:GetObject", "s3:PutObject")] }));
  });

  it("is what a grant of another level may become, unless it is the same", async () => {
    const workload = workloadOf("becoming");
    await activate(database.prisma, await approved(org, { workload, grants: [listing("s3:GetObject")] }));
    const preset = await approved(org, { workload, grants: [grantProposal({ level: "write" })] });
    await activate(database.prisma, preset);
    const grant = grantSchema.parse(preset.grant.spec);
    const asked = (actions: string[]) =>
      submitRequest(
        org.deps,
        org.people.developer,
        formOf(grant, { level: "custom", custom: [{ actions, conditions: [] }] }),
      );
    expect(refusalsIn(await asked(["s3:GetObject"])).map(({ code }) => code)).toEqual(["grant.duplicate"]);
    const request = mustAccept(await asked(["s3:PutObject"]));
    await finishPreflight(database.prisma, request);
    mustAccept(await reviewRequest(org.deps, org.people.bothOwner, review(request)));
  });

  it.each<[string, CustomPermissions, CustomPermissions]>([
    [
      "the same",
      [{ actions: ["s3:GetObject"], conditions: [] }],
      [{ conditions: [], actions: ["s3:GetObject"] }],
    ],
    [
      "other actions",
      [{ actions: ["s3:GetObject"], conditions: [] }],
      [{ actions: ["s3:PutObject"], conditions: [] }],
    ],
    [
      "another order",
      [{ actions: ["s3:GetObject", "s3:PutObject"], conditions: [] }],
      [{ actions: ["s3:PutObject", "s3:GetObject"], conditions: [] }],
    ],
    [
      "another division into statements",
      [{ actions: ["s3:GetObject", "s3:PutObject"], conditions: [] }],
      [
        { actions: ["s3:GetObject"], conditions: [] },
        { actions: ["s3:PutObject"], conditions: [] },
      ],
    ],
    [
      "another value of a condition",
      [condition("aws:userid", "ä\u0308é\u2028")],
      [condition("aws:userid", "äé\u2028")],
    ],
    ["the same condition", [condition("aws:userid", '\u00e4"\\n')], [condition("aws:userid", 'ä"\\n')]],
  ])("is kept once by the database where both are the same access: %s", async (name, one, other) => {
    const { grant } = await approved(org, {
      workload: workloadOf(name.replaceAll(" ", "-")),
      grants: [listing("s3:GetObject")],
    });
    const spec = grantSchema.parse(grant.spec);
    await database.prisma.grant.update({ where: { id: grant.id }, data: { spec: { ...spec, custom: one } } });
    const { changeRunId: _, drift: __, leftBehind: ___, ...row } = grant;
    const second = database.prisma.grant.create({
      data: { ...row, id: "twin00000000", spec: { ...spec, id: "twin00000000", custom: other } },
    });
    const kept = await second.then(
      () => true,
      (error: unknown) => {
        if (isUniqueViolation(error)) return false;
        throw error;
      },
    );
    expect(kept).toBe(!sameAccess({ level: "custom", custom: one }, { level: "custom", custom: other }));
    await database.prisma.grant.deleteMany({ where: { id: "twin00000000" } });
  });
});

function condition(key: string, value: string): CustomPermissions[number] {
  return { actions: ["s3:GetObject"], conditions: [{ operator: "StringEquals", key, values: [value] }] };
}

describe("a change", () => {
  it("from a level to listed actions and back is asked for, approved and shown as one", async () => {
    const { grant } = await setup.live();
    const there = await setup.asked(grant, { level: "custom", custom });
    const seen = await requestView(org.deps, org.people.dataOwner, there.number);
    expect(seen?.change).toMatchObject({
      kind: "change",
      before: { level: "read" },
      after: { level: "custom", custom },
    });
    expect(seen?.change?.before).not.toHaveProperty("custom");
    mustAccept(await setup.approve(there));
    const row = await setup.rowOf(grant.id);
    expect(row).toMatchObject({ level: "custom", spec: { ...grant, level: "custom", custom } });

    await database.prisma.run.updateMany({
      where: { id: row.changeRunId ?? "" },
      data: { state: "succeeded" },
    });
    await database.prisma.grant.update({ where: { id: grant.id }, data: { changeRunId: null } });
    const listed = grantSchema.parse(row.spec);
    const back = await setup.asked(listed, { level: "read" });
    mustAccept(await setup.approve(back));
    expect((await setup.rowOf(grant.id)).spec).toEqual(grant);
  });

  it("of the end date alone renews, with the same actions", async () => {
    const all = await approved(org, {
      ...asking(),
      workload: {
        cluster: (await setup.live()).grant.workload.cluster,
        namespace: "reporting",
        serviceAccount: "renewed",
      },
    });
    await activate(database.prisma, all);
    const grant = grantSchema.parse(all.grant.spec);
    const request = mustAccept(
      await submitRequest(org.deps, org.people.developer, formOf(grant, { expiresAt: later })),
    );
    const row = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
    expect(row.kind).toBe("renew");
    const view = await grantView(org.deps, org.people.developer, grant.id);
    expect(view?.target.custom).toEqual(custom);
  });
});
