import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import {
  account,
  away,
  bucketArn,
  cluster,
  estate,
  grant,
  home,
  homeBucketArn,
  identity,
  item,
  keyArn,
  queueArn,
  third,
  workload,
} from "#lib/desired/testing/organisation.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type DigestInput, planDigest } from "./digest.ts";

const b = "bbbbbbbbbbbb";
const fromHome = identity("home-role");
const chain = { pattern: "role-chaining", identity: fromHome };

const actions = ["s3:GetObject", "s3:ListBucket"];
const fromThere = { operator: "IpAddress", key: "aws:SourceIp", values: ["203.0.113.0/24"] };

function digest(
  asked: Partial<Grant> = {},
  more: Partial<DigestInput> & { where?: Estate; siblings?: Partial<Grant>[] } = {},
): string {
  const { where = estate(), siblings = [], ...rest } = more;
  const one = grant(asked);
  const desired = desiredResources([one, ...siblings.map((sibling) => grant(sibling))], where);
  return planDigest({ installation: "acme", kind: "create", grants: [one], issuer: null, desired, ...rest });
}

describe("the digest of what was approved before custom access existed", () => {
  it.each<[string, Partial<Grant>]>([
    ["f927b16b9ded367e8e947d9e1d61f0fb2f5274547839c3a41597fd7bcd0b5b31", {}],
    ["e7bfcfaf63ab3db279d3b18d0d63e388aa4b94fd725addc6d0f9dac9eafa275f", { level: "read-write" }],
    [
      "b51ded0a2057b3250b2f3f5befbcb022d207088812f489b6807c16557c7fe6a3",
      { level: "write", pattern: "role-chaining", target: { arn: queueArn, accountId: away } },
    ],
  ])("is still %s", (before, asked) => {
    expect(digest(asked)).toBe(before);
  });
});

describe("the digest changes with whatever widens or redirects the access", () => {
  it.each<[string, string]>([
    ["installation", digest({}, { installation: "other" })],
    ["kind", digest({}, { kind: "renew" })],
    ["level", digest({ level: "read-write" })],
    ["actions", digest({ level: "custom", custom: [{ actions, conditions: [] }] })],
    ["conditions", digest({ level: "custom", custom: [{ actions, conditions: [fromThere] }] })],
    ["prefix", digest({ subResource: "exports" })],
    ["target", digest({ target: { arn: queueArn, accountId: away } })],
    ["pattern", digest(chain)],
    ["no end date any more", digest({ expiresAt: "2027-01-31T00:00:00Z" })],
    ["service account", digest({ workload: workload({ serviceAccount: "other" }) })],
    ["namespace", digest({ workload: workload({ namespace: "other" }) })],
    ["cluster", digest({ workload: workload({ cluster: "agents" }) })],
    ["the issuer that is bound", digest({}, { issuer: "oidc.eks.eu-west-1.amazonaws.com/id/EF" })],
    ["id", digest({ id: b })],
    ["default profile", digest({ identity: identity("home-role", null, away) })],
    [
      "the cluster's issuer",
      digest(
        {},
        { where: estate({ clusters: [cluster({ issuer: "oidc.eks.eu-west-1.amazonaws.com/id/EF" })] }) },
      ),
    ],
    [
      "the boundary",
      digest(
        {},
        {
          where: estate({
            accounts: [account(home, { boundaryArn: `arn:aws:iam::${home}:policy/wider` }), account(away)],
          }),
        },
      ),
    ],
    ["the organisation's tags", digest({}, { where: estate({ tags: {} }) })],
    [
      "the Region of the bucket",
      digest({}, { where: estate({ inventory: [item(bucketArn, away, { region: "us-east-1" })] }) }),
    ],
    [
      "a key behind the target",
      digest({}, { where: estate({ inventory: [item(bucketArn, away, { encryption: keyArn })] }) }),
    ],
  ])("%s", (_, changed) => {
    expect(changed).toMatch(/^[0-9a-f]{64}$/);
    expect(changed).not.toBe(digest());
  });

  it("an end date that is moved", () => {
    expect(digest({ expiresAt: "2027-01-31T00:00:00Z" })).not.toBe(
      digest({ expiresAt: "2027-01-31T00:00:01Z" }),
    );
  });

  it.each(["trust", "boundaryArn", "path", "maxSessionDuration"])("the role's %s", (name) => {
    const one = grant();
    const desired = desiredResources([one], estate());
    const other = desired.map((resource) =>
      resource.kind === "role" ? { ...resource, body: { ...resource.body, [name]: "x" as never } } : resource,
    );
    const input = { installation: "acme", kind: "create", grants: [one], issuer: null };
    expect(planDigest({ ...input, desired: other })).not.toBe(planDigest({ ...input, desired }));
  });

  it("a statement more, a principal or a condition fewer", () => {
    const one = grant({ expiresAt: "2027-01-31T00:00:00Z" });
    const desired = desiredResources([one], estate());
    const input = { installation: "acme", kind: "create", grants: [one], issuer: null };
    const digests = new Set([planDigest({ ...input, desired })]);
    for (const [text, instead] of [
      ['"s3:GetObject"', '"s3:GetObject","s3:PutObject"'],
      ['"Principal"', '"NotPrincipal"'],
      ["DateLessThan", "DateLessThanIfExists"],
      ['"sts.amazonaws.com"', '"*"'],
      ["reports-archive/*", "*"],
    ] as const) {
      const other = JSON.parse(JSON.stringify(desired).replace(text, instead));
      digests.add(planDigest({ ...input, desired: other }));
    }
    expect(digests.size).toBe(6);
  });
});

describe("the digest stays the same", () => {
  it.each<[string, Partial<Grant>, Partial<Grant>[]]>([
    [
      "when a sibling comes",
      {},
      [{ id: b, pattern: "irsa", target: { arn: homeBucketArn, accountId: home } }],
    ],
    [
      "when a sibling shares the target role",
      chain,
      [{ id: b, ...chain, target: { arn: queueArn, accountId: away } }],
    ],
    [
      "when a sibling chains to a third account",
      chain,
      [{ id: b, ...chain, target: { arn: "arn:aws:s3:::third-data", accountId: third } }],
    ],
    ["when another workload comes", {}, [{ id: b, workload: workload({ serviceAccount: "other" }) }]],
    ["when another grant is on the same bucket", {}, [{ id: b, level: "write" }]],
  ])("%s", (_, asked, siblings) => {
    expect(digest(asked, { siblings })).toBe(digest(asked));
  });

  it("when the inventory has more, or other policies fill up", () => {
    const inventory = [
      ...estate().inventory.map((one) => ({ ...one, policyUsage: { bytes: 9_000, statements: 9 } })),
      item("arn:aws:s3:::more", third),
    ];
    expect(digest({}, { where: estate({ inventory }) })).toBe(digest());
  });

  it("in whatever order grants, resources and their parts come", () => {
    const grants = [grant(chain), grant({ id: b })];
    const desired = desiredResources(grants, estate());
    const one = planDigest({ installation: "acme", kind: "create", grants, issuer: null, desired });
    const turned = desiredResources([...grants].reverse(), estate()).reverse();
    const shuffledKeys = turned.map(
      (resource) => Object.fromEntries(Object.entries(resource).reverse()) as typeof resource,
    );
    expect(
      planDigest({
        installation: "acme",
        kind: "create",
        issuer: null,
        grants: [...grants].reverse(),
        desired: shuffledKeys,
      }),
    ).toBe(one);
  });

  it("whichever policy of a role holds the statements", () => {
    const one = grant({ pattern: "irsa", target: { arn: homeBucketArn, accountId: home } });
    const desired = desiredResources([one], estate());
    const renamed = desired.map((resource) =>
      resource.kind === "role-policy"
        ? {
            ...resource,
            key: resource.key.replace("#policy/", "#policy/x-"),
            body: { ...resource.body, policyName: `x-${resource.body.policyName}` },
          }
        : resource,
    );
    const input = { installation: "acme", kind: "create", grants: [one], issuer: null };
    expect(planDigest({ ...input, desired: renamed })).toBe(planDigest({ ...input, desired }));
  });
});
