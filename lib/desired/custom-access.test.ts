import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { intendedRequests, roleSession } from "#lib/policy/intended.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { desiredResources } from "./desired-resources.ts";
import { proveAccess } from "./proof/prove-access.ts";
import type { AccessDocuments } from "./proof/reachable-sessions.ts";
import { serviceOf } from "./services/catalogue.ts";
import { anyCustom } from "./testing/any-custom.ts";
import { everyPattern } from "./testing/every-pattern.ts";
import { away, estate, grant, queueArn } from "./testing/organisation.ts";
import { workloadAccess } from "./workload-access.ts";

const now = "2026-11-01T00:00:00Z";
const boundary = boundaryPolicy({ partition: "aws" }, "acme");

const listAndRead: CustomPermissions = [
  {
    actions: ["s3:GetObject", "s3:ListBucket"],
    conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: ["203.0.113.0/24"] }],
  },
  { actions: ["s3:PutObjectTagging"], conditions: [] },
];

/** As if AWS had exactly what is desired, `change` apart. */
function documentsOf(
  resources: readonly CloudResource[],
  change: (statement: Statement) => Statement = (statement) => statement,
): AccessDocuments {
  const boundaries = new Map<string, PolicyDocument>();
  const policies = new Map<string, PolicyDocument>();
  const changed = (statements: Statement[]) => ({
    Version: "2012-10-17" as const,
    Statement: statements.map(change),
  });
  const there = resources.map((one): CloudResource => {
    if (one.kind === "role") boundaries.set(one.body.boundaryArn, boundary);
    if (one.kind === "resource-policy-statements")
      policies.set(one.body.resourceArn, changed(one.body.statements));
    if (one.kind !== "role-policy") return one;
    return { ...one, body: { ...one.body, document: changed(statementsOf(one.body.document)) } };
  });
  return { resources: there, boundaries, policies };
}

function proofOf(asked: Grant, change?: (statement: Statement) => Statement) {
  const desired = desiredResources([asked], estate());
  return proveAccess(asked, desired, documentsOf(desired, change), now);
}

const custom = (asked: Grant, permissions: CustomPermissions = listAndRead): Grant => ({
  ...asked,
  level: "custom",
  custom: permissions,
});

const buckets = everyPattern.filter(({ asked }) => asked.target.arn.includes(":s3:"));

describe.each(buckets)("$name", ({ asked }) => {
  const mine = custom({ ...asked, subResource: "exports" });

  it("lets the workload do the listed actions and nothing near them, and nobody else anything", () => {
    const rows = proofOf(mine);
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
    const allowed = rows.filter(({ who, outcome }) => who === "workload" && outcome === "allowed");
    expect(allowed.flatMap(({ actions }) => actions)).toEqual([
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObjectTagging",
    ]);
    const refused = rows.filter(({ who, outcome }) => who === "workload-beyond" && outcome === "refused");
    const beyond = refused.flatMap(({ actions }) => actions);
    expect(beyond).toEqual(
      expect.arrayContaining([
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "s3:GetObject with another aws:SourceIp",
        "s3:GetObject outside exports/",
        "s3:ListBucket of the whole bucket",
      ]),
    );
  });

  it("is not proven by documents that lack its condition", () => {
    const without = (statement: Statement): Statement => {
      const { IpAddress: _, ...Condition } = statement.Condition ?? {};
      return { ...statement, Condition };
    };
    const wrong = proofOf(mine, without).filter(({ ok }) => !ok);
    expect(wrong.map(({ who, actions }) => [who, ...actions])).toEqual([
      [
        "workload-beyond",
        "s3:GetObject with another aws:SourceIp",
        "s3:ListBucket with another aws:SourceIp",
      ],
    ]);
  });

  it("is not proven by documents that have one more action", () => {
    const more = (statement: Statement): Statement =>
      listOf(statement.Action).includes("s3:PutObjectTagging")
        ? { ...statement, Action: [...listOf(statement.Action), "s3:PutObject"] }
        : statement;
    const wrong = proofOf(mine, more).filter(({ ok }) => !ok);
    expect(wrong.map(({ who, actions }) => [who, ...actions])).toEqual([["workload-beyond", "s3:PutObject"]]);
  });

  it("has the same conditions on both sides", () => {
    for (const one of desiredResources([mine], estate()))
      if (one.kind === "resource-policy-statements")
        for (const statement of one.body.statements)
          expect(statement.Condition?.IpAddress !== undefined).toBe(
            !listOf(statement.Action).includes("s3:PutObjectTagging"),
          );
  });
});

const bucket = { arn: "arn:aws:s3:::reports-archive", accountId: away };
const queue = { arn: queueArn, accountId: away };

const anyGrant = fc
  .record({
    target: fc.constantFrom(bucket, queue),
    prefix: fc.option(fc.constantFrom("exports", "a/b")),
    pattern: fc.constantFrom("role-chaining", "resource-policy", "oidc-federation"),
    expiresAt: fc.constantFrom(null, "2027-01-31T00:00:00Z"),
  })
  .chain(({ target, prefix, pattern, expiresAt }) => {
    const service = serviceOf(target.arn.split(":")[2] ?? "");
    if (!service) throw new Error("no such service");
    const subResource = service.subResource ? prefix : null;
    return anyCustom(service, subResource).map((permissions) =>
      custom(grant({ pattern, target, subResource, expiresAt }), permissions),
    );
  });

describe("whatever is listed", { timeout: 60_000 }, () => {
  const each = (check: (asked: Grant, resources: CloudResource[]) => void) =>
    fc.assert(
      fc.property(anyGrant, (asked) => check(asked, desiredResources([asked], estate()))),
      { numRuns: 300 },
    );

  /** Invariant 9 of the threat model, and that conditions only narrow. */
  it("lies within the boundary, and gives exactly its actions to a request that meets its conditions", () => {
    each((asked, resources) => {
      const given = new Set<string>();
      for (const one of resources) {
        if (one.kind !== "role-policy") continue;
        const principal = roleSession(one.key.split("#")[0] ?? "", "pod");
        const resourceAccount = one.accountId;
        for (const request of intendedRequests(one.body.document, asked.target.arn)) {
          const context = {
            ...principalContext(principal),
            "aws:CurrentTime": now,
            ...request.context,
          };
          const on = { ...request, principal, context, resourceAccount };
          const policies = {
            identity: [{ name: "own", document: one.body.document }],
            boundary: { name: "boundary", document: boundary },
          };
          expect(evaluate(on, policies).effect).toBe("allow");
          given.add(request.action);
        }
      }
      expect([...given].sort()).toEqual([...new Set(asked.custom?.flatMap(({ actions }) => actions))].sort());
    });
  });

  it("stays within the target, the prefix, the account and the end date, on both sides", () => {
    each((asked, resources) => {
      const { arn, accountId } = asked.target;
      for (const one of resources) {
        const own =
          one.kind === "role-policy"
            ? statementsOf(one.body.document)
            : one.kind === "resource-policy-statements"
              ? one.body.statements
              : [];
        for (const { Action, Resource, Condition = {}, Effect } of own) {
          if (listOf(Action).some((action) => action.startsWith("sts:"))) continue;
          expect(Effect).toBe("Allow");
          const under = asked.subResource === null ? "" : `${asked.subResource}/`;
          expect([arn, `${arn}/${under}*`]).toContain(Resource);
          if (under !== "" && Resource === arn)
            expect(Condition.StringLike).toMatchObject({ "s3:prefix": `${under}*` });
          if (asked.expiresAt) expect(Condition.DateLessThan).toEqual({ "aws:CurrentTime": asked.expiresAt });
          if (one.kind === "role-policy" && arn.includes(":s3:"))
            expect(Condition.StringEquals).toMatchObject({ "aws:ResourceAccount": accountId });
          if (arn.includes(":sqs:")) expect(listOf(Action).length).toBeLessThanOrEqual(7);
        }
      }
    });
  });

  it("is proven by its own documents", () => {
    fc.assert(
      fc.property(anyGrant, (asked) => {
        expect(proofOf(asked).filter(({ ok, outcome }) => !ok || outcome === "unknown")).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what the pod tries", () => {
  const checks = (
    target: Grant["target"],
    statements: CustomPermissions,
    subResource: string | null = null,
  ) =>
    workloadAccess([custom(grant({ target, subResource }), statements)], estate()).grants[0]?.checks.map(
      ({ operation, resource }) => `${operation} ${resource}`,
    );
  const listing = (...values: string[]) => [
    { actions: ["s3:ListBucket"], conditions: [{ operator: "StringLike", key: "s3:prefix", values }] },
  ];

  it.each<[string, string[] | undefined, string[]]>([
    [
      "a listing",
      checks(bucket, [{ actions: ["s3:ListBucket"], conditions: [] }]),
      [`s3:ListBucket ${bucket.arn}/`],
    ],
    [
      "a listing below the prefix",
      checks(bucket, [{ actions: ["s3:ListBucket"], conditions: [] }], "in"),
      [`s3:ListBucket ${bucket.arn}/in/`],
    ],
    [
      "a listing of what its condition takes",
      checks(bucket, listing("out/*")),
      [`s3:ListBucket ${bucket.arn}/out/`],
    ],
    ["nothing where no prefix is safe to choose", checks(bucket, listing("*/out")), []],
    [
      "nothing that writes",
      checks(bucket, [{ actions: ["s3:PutObject", "s3:GetObject"], conditions: [] }]),
      [],
    ],
    [
      "a queue's attributes",
      checks(queue, [{ actions: ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"], conditions: [] }]),
      [`sqs:GetQueueAttributes ${queue.arn}`],
    ],
    [
      "nothing without the queue's address",
      checks(queue, [{ actions: ["sqs:ReceiveMessage"], conditions: [] }]),
      [],
    ],
    ["no purge", checks(queue, [{ actions: ["sqs:GetQueueUrl", "sqs:PurgeQueue"], conditions: [] }]), []],
  ])("is %s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

it("refuses to compile what admit would have refused", () => {
  const compile = (permissions: CustomPermissions, more: Partial<Grant> = {}) =>
    desiredResources([custom(grant({ target: bucket, ...more }), permissions)], estate());
  const condition = (operator: string, key: string) => ({ operator, key, values: ["x"] });
  expect(() => compile([{ actions: ["s3:PutBucketPolicy"], conditions: [] }])).toThrow(RangeError);
  for (const one of [condition("__proto__", "aws:SourceVpc"), condition("StringEquals", "__proto__")])
    expect(() => compile([{ actions: ["s3:GetObject"], conditions: [one] }])).toThrow(RangeError);
  expect(() =>
    compile([{ actions: ["s3:ListBucket"], conditions: [condition("StringLike", "s3:prefix")] }], {
      subResource: "in",
    }),
  ).toThrow(RangeError);
});
