import { describe, expect, it } from "vitest";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type AdmissionFacts, admit, type Proposal } from "./admit.ts";
import { patternOptions, patternSubject } from "./options.ts";
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
} from "./testing/organisation.ts";

const now = new Date("2026-11-01T00:00:00Z");
const pod = workload({ cluster: "agents" });
const homeTarget = { arn: homeBucketArn, accountId: home };
const bucket = { arn: bucketArn, accountId: away };
const queue = { arn: queueArn, accountId: away };
const thirdTarget = { arn: "arn:aws:s3:::third-data", accountId: third };

function proposal(more: Partial<Proposal> = {}): Proposal {
  return {
    workload: workload(),
    target: bucket,
    level: "read",
    subResource: null,
    pattern: "auto",
    expiresAt: null,
    ...more,
  };
}

function facts(more: Partial<AdmissionFacts> = {}): AdmissionFacts {
  return { estate: estate(), siblings: [], now, maxDays: 90, ...more };
}

function refusals(asked: Partial<Proposal>, known: Partial<AdmissionFacts> = {}) {
  const outcome = admit(proposal(asked), facts(known));
  return outcome.ok ? [] : outcome.refusals;
}

const inventory = (...items: Estate["inventory"]) => ({ estate: estate({ inventory: items }) });

describe("refusals", () => {
  it.each<[string, string, Partial<Proposal>, Partial<AdmissionFacts>?]>([
    ["cluster.not-registered", "an unknown cluster", { workload: workload({ cluster: "gone" }) }],
    [
      "cluster.no-issuer",
      "a cluster that is not active yet",
      {},
      { estate: estate({ clusters: [cluster({ issuer: null })] }) },
    ],
    [
      "cluster.account-not-registered",
      "a cluster of an account that is gone",
      {},
      { estate: estate({ accounts: [account(away)] }) },
    ],
    ["target.not-an-arn", "no ARN", { target: { arn: "reports", accountId: away } }],
    [
      "target.unknown-service",
      "a service without an entry",
      { target: { arn: "arn:aws:rds:eu-west-1:444455556666:db:x", accountId: away } },
    ],
    [
      "target.unknown-service",
      "a service named like an inherited property",
      { target: { arn: "arn:aws:constructor:::x", accountId: away } },
    ],
    [
      "target.unknown-partition",
      "a partition that is none",
      { target: { arn: "arn:aws-moon:s3:::x-y", accountId: away } },
    ],
    [
      "target.other-partition",
      "another partition",
      { target: { arn: "arn:aws-cn:s3:::reports", accountId: away } },
    ],
    [
      "target.other-partition",
      "an account of another partition than the ARN's",
      {},
      { estate: estate({ accounts: [account(home), account(away, { partition: "aws-cn" })] }) },
    ],
    [
      "target.malformed",
      "an object instead of its bucket",
      { target: { arn: `${bucketArn}/x`, accountId: away } },
    ],
    [
      "target.malformed",
      "an access point",
      { target: { arn: "arn:aws:s3:eu-west-1:444455556666:accesspoint/x", accountId: away } },
    ],
    [
      "target.malformed",
      "a wildcard in a bucket",
      { target: { arn: "arn:aws:s3:::reports-*", accountId: away } },
    ],
    [
      "target.malformed",
      "a wildcard in a queue",
      { target: { arn: `arn:aws:sqs:eu-west-1:${away}:*`, accountId: away } },
    ],
    [
      "target.malformed",
      "a queue in no Region",
      { target: { arn: `arn:aws:sqs:localhost:${away}:orders`, accountId: away } },
    ],
    [
      "target.malformed",
      "a queue without an account",
      { target: { arn: "arn:aws:sqs:eu-west-1::orders", accountId: away } },
    ],
    [
      "target.account-not-registered",
      "an unregistered account",
      { target: { arn: bucketArn, accountId: "000000000000" } },
    ],
    [
      "target.not-in-inventory",
      "a bucket nobody has",
      { target: { arn: "arn:aws:s3:::unknown", accountId: away } },
    ],
    ["target.other-owner", "a bucket of somebody else", { target: { arn: bucketArn, accountId: third } }],
    ["target.other-owner", "a queue of somebody else", { target: { arn: queueArn, accountId: third } }],
    [
      "target.other-region",
      "a queue in a Region that its account's list doesn't have",
      { target: { arn: queueArn.replace("eu-west-1", "us-east-1"), accountId: away } },
    ],
    ["sub-resource.not-supported", "a prefix of a queue", { target: queue, subResource: "x" }],
    ["sub-resource.malformed", "a prefix that is empty", { subResource: "" }],
    ["sub-resource.malformed", "a prefix that begins with a slash", { subResource: "/x" }],
    ["sub-resource.malformed", "a prefix that ends with a slash", { subResource: "x/" }],
    ["sub-resource.malformed", "a prefix that goes up", { subResource: "x/../y" }],
    ["sub-resource.malformed", "a wildcard in a prefix", { subResource: "x*" }],
    ["sub-resource.malformed", "a question mark in a prefix", { subResource: "x?" }],
    ["sub-resource.malformed", "a policy variable in a prefix", { subResource: "$" + "{aws:username}" }],
    ["expiry.past", "an end date in the past", { expiresAt: "2026-10-31T23:59:59Z" }],
    ["expiry.past", "an end date that is now", { expiresAt: "2026-11-01T00:00:00Z" }],
    ["expiry.too-far", "an end date beyond the maximum", { expiresAt: "2027-02-01T00:00:00Z" }],
    ["expiry.malformed", "an end date that is none", { expiresAt: "soon" }],
    ["grant.duplicate", "a duplicate of a live grant", {}, { siblings: [grant()] }],
    [
      "cluster.recreated",
      "anything beside access that was approved for an earlier cluster of that name",
      { target: queue },
      {
        siblings: [grant()],
        issuers: new Map([[grant().id, "oidc.eks.eu-west-1.amazonaws.com/id/EARLIER"]]),
      },
    ],
    ["pattern.unknown", "an unknown pattern", { pattern: "vpn" }],
    ["pattern.other-account", "IRSA to another account", { pattern: "irsa" }],
    ["pattern.same-account", "chaining in one account", { pattern: "role-chaining", target: homeTarget }],
    ["pattern.no-pod-identity-agent", "Pod Identity without the agent", { pattern: "pod-identity" }],
    [
      "pattern.resource-policy-encrypted",
      "a resource policy on an encrypted bucket",
      { pattern: "resource-policy" },
      inventory(item(bucketArn, away, { encryption: keyArn })),
    ],
    [
      "pattern.resource-policy-encrypted",
      "a resource policy under an AWS managed key",
      { pattern: "resource-policy" },
      inventory(item(bucketArn, away, { encryption: "aws-managed" })),
    ],
    [
      "pattern.resource-policy-full",
      "a full bucket policy",
      { pattern: "resource-policy" },
      inventory(item(bucketArn, away, { policyUsage: { bytes: 20_000, statements: 3 } })),
    ],
    [
      "pattern.resource-policy-full",
      "a queue policy with 20 statements",
      { pattern: "resource-policy", target: queue },
      inventory(item(queueArn, away, { policyUsage: { bytes: 100, statements: 20 } })),
    ],
    [
      "pattern.key-in-third-account",
      "a key in a third account",
      { pattern: "role-chaining" },
      inventory(item(bucketArn, away, { encryption: keyArn.replace(away, third) })),
    ],
    [
      "pattern.key-by-alias",
      "a key by its alias",
      { pattern: "role-chaining" },
      inventory(item(bucketArn, away, { encryption: keyArn.replace("key/", "alias/") })),
    ],
  ])("%s: %s", (code, _, asked, known) => {
    const found = refusals(asked, known);
    expect(found.map((one) => one.code)).toContain(code);
    for (const one of found) {
      expect(one.reason).toMatch(/^["A-Z].*[.:]?/);
      expect(one.nextStep).not.toBe("");
    }
  });

  it("names both the cluster's and the target's problems at once", () => {
    const codes = refusals({
      workload: workload({ cluster: "gone" }),
      target: { arn: "x", accountId: away },
      expiresAt: "2026-01-01T00:00:00Z",
    });
    expect(codes.map(({ code }) => code)).toEqual([
      "cluster.not-registered",
      "target.not-an-arn",
      "expiry.past",
    ]);
  });

  const getting = [{ actions: ["s3:GetObject"], conditions: [] }];
  const listing = [{ actions: ["s3:GetObject", "s3:ListBucket"], conditions: [] }];

  it("admits custom access with exactly what was listed, and judges it by its own rules", () => {
    const outcome = admit(proposal({ level: "custom", custom: getting }), facts());
    expect(outcome).toMatchObject({ ok: true, value: { grant: { level: "custom", custom: getting } } });
    expect(admit(proposal(), facts())).not.toHaveProperty("value.grant.custom");
    const wild = [{ actions: ["s3:*"], conditions: [] }];
    expect(refusals({ level: "custom", custom: wild })).toMatchObject([
      { code: "custom.wildcard", field: "custom.0.actions" },
    ]);
    expect(refusals({ level: "custom" })).toMatchObject([{ code: "custom.empty", field: "custom" }]);
  });

  it("takes the same actions for a duplicate, and others not", () => {
    const siblings = [grant({ level: "custom", custom: getting })];
    const asked = { level: "custom", pattern: "resource-policy" } as const;
    expect(refusals({ ...asked, custom: getting }, { siblings })).toMatchObject([
      { code: "grant.duplicate", reason: expect.stringContaining("the same access") },
    ]);
    expect(refusals({ ...asked, custom: listing }, { siblings })).toEqual([]);
  });

  it("refuses statements for which the target's policy has no room", () => {
    const policyUsage = { bytes: 19_200, statements: 3 };
    const known = inventory(item(bucketArn, away, { policyUsage }));
    const values = Array.from({ length: 20 }, (_, index) => `203.0.113.${index}/32`);
    const conditions = [{ operator: "IpAddress", key: "aws:SourceIp", values }];
    const custom = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"].map((action) => ({
      actions: [action],
      conditions,
    }));
    const asked = { level: "custom", custom, pattern: "resource-policy" } as const;
    expect(refusals(asked, known)).toMatchObject([{ code: "target.policy-full", field: "custom" }]);
    expect(refusals({ ...asked, pattern: "role-chaining" }, known)).toEqual([]);
    expect(refusals({ ...asked, custom: custom.slice(0, 1) }, known)).toEqual([]);
  });

  it("counts what the same request asks for beside it", () => {
    const known = inventory(item(bucketArn, away, { policyUsage: { bytes: 18_800, statements: 3 } }));
    const values = Array.from({ length: 20 }, (_, index) => `203.0.113.${index}/32`);
    const custom = [
      { actions: ["s3:GetObject"], conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values }] },
    ];
    const asked = { level: "custom", custom, pattern: "resource-policy" } as const;
    const beside = ["logs", "data"].map((subResource, index) =>
      grant({ ...asked, custom, subResource, id: String(index).padStart(12, "b") }),
    );
    expect(refusals(asked, known)).toEqual([]);
    expect(refusals(asked, { ...known, beside: beside.slice(0, 1) })).toEqual([]);
    expect(refusals(asked, { ...known, beside })).toMatchObject([{ code: "target.policy-full" }]);
    // Those that are live are in what the inventory saw.
    expect(refusals(asked, { ...known, siblings: beside })).toEqual([]);
  });

  it("does not take another workload's grant, level or prefix for a duplicate", () => {
    for (const sibling of [
      grant({ workload: workload({ serviceAccount: "invoices" }) }),
      grant({ level: "write" }),
      grant({ subResource: "exports" }),
    ])
      expect(refusals({ pattern: "resource-policy" }, { siblings: [sibling] })).toEqual([]);
  });

  it("refuses the grant that would not fit into the role's policies any more", () => {
    const siblings: Grant[] = [];
    let refused: string[] = [];
    for (let count = 0; count < 40 && refused.length === 0; count += 1) {
      const outcome = admit(
        proposal({
          level: "read-write",
          subResource: `${"p".repeat(400)}-${count}`,
          pattern: "resource-policy",
        }),
        facts({ siblings }),
      );
      if (outcome.ok) siblings.push({ ...outcome.value.grant, id: String(count).padStart(12, "0") });
      else refused = outcome.refusals.map(({ code }) => code);
    }
    expect(refused).toEqual(["role.policies-full"]);
    expect(siblings.length).toBeGreaterThan(4);
  });
});

describe("auto", () => {
  const encrypted = (encryption: string) => inventory(item(bucketArn, away, { encryption }));

  it.each<[string, string, string, Partial<Proposal>, Partial<AdmissionFacts>?]>([
    ["same account with the agent", "pod-identity", "pod-identity", { workload: pod, target: homeTarget }],
    ["same account without the agent", "irsa", "home-role", { target: homeTarget }],
    ["other account, a service with a policy", "resource-policy", "home-role", {}],
    [
      "other account, a full policy",
      "oidc-federation",
      "away-role",
      {},
      inventory(item(bucketArn, away, { policyUsage: { bytes: 20_000, statements: 9 } })),
    ],
    [
      "other account, encrypted, with the agent",
      "pod-identity",
      "pod-identity-target",
      { workload: pod },
      encrypted(keyArn),
    ],
    ["other account, encrypted, without the agent", "oidc-federation", "away-role", {}, encrypted(keyArn)],
    ["other account, AWS managed key", "oidc-federation", "away-role", {}, encrypted("aws-managed")],
    [
      "a home role that needs a role elsewhere",
      "role-chaining",
      "home-role",
      {},
      { ...encrypted(keyArn), siblings: [grant({ pattern: "irsa", target: homeTarget })] },
    ],
    [
      "an away role that gets a second target there",
      "oidc-federation",
      "away-role",
      { target: queue },
      { siblings: [grant({ pattern: "oidc-federation" })] },
    ],
    [
      "a Pod Identity role that goes to another account",
      "resource-policy",
      "pod-identity",
      { workload: pod },
      { siblings: [grant({ workload: pod, pattern: "pod-identity", target: homeTarget })] },
    ],
  ])("%s: %s", (_, pattern, kind, asked, known) => {
    const outcome = admit(proposal(asked), facts(known));
    expect(outcome).toMatchObject({ ok: true, value: { grant: { pattern, identity: { kind } } } });
    if (!outcome.ok) return;
    const { options } = outcome.value;
    expect(options.filter((option) => option.recommended).map(({ id }) => id)).toEqual([pattern]);
    for (const option of options) {
      expect(option.facts.length).toBeGreaterThan(0);
      // Every pattern says why it can't serve, or can be chosen.
      if (option.objections.length === 0)
        expect(admit(proposal({ ...asked, pattern: option.id }), facts(known)).ok).toBe(true);
    }
  });

  it("follows the organisation's own order", () => {
    const subject = patternSubject(pod, homeTarget, estate());
    if (!subject) throw new Error("no subject");
    const first = (preference: string[]) =>
      patternOptions(subject, [], preference).find((option) => option.recommended)?.id;
    expect(first(["irsa"])).toBe("irsa");
    expect(first(["role-chaining", "pod-identity"])).toBe("pod-identity");
  });

  it("says with a number how much room there is and how long a session lasts", () => {
    const known = inventory(item(bucketArn, away, { policyUsage: { bytes: 10_480, statements: 3 } }));
    const outcome = admit(proposal(), facts(known));
    if (!outcome.ok) throw new Error("refused");
    const values = outcome.value.options.flatMap((option) => option.facts.map(({ value }) => value));
    expect(values).toContain("about 10 more grants");
    expect(values.some((value) => value.startsWith("1 h at most"))).toBe(true);
  });
});

describe("the default profile", () => {
  it("is the chained role's only for a workload that begins so", () => {
    const first = admit(proposal({ pattern: "role-chaining" }), facts());
    const second = admit(
      proposal({ pattern: "role-chaining" }),
      facts({ siblings: [grant({ pattern: "irsa", target: homeTarget })] }),
    );
    expect(first).toMatchObject({ value: { grant: { identity: { defaultAccountId: away } } } });
    expect(second).toMatchObject({ value: { grant: { identity: { defaultAccountId: null } } } });
  });
});

describe("an identity that can't hold the grant", () => {
  const siblingOf: Record<string, Grant> = {
    "away role": grant({ pattern: "oidc-federation" }),
    "Pod Identity with target": grant({
      pattern: "pod-identity",
      workload: pod,
      identity: identity("pod-identity-target", away),
    }),
  };

  it.each(Object.entries(siblingOf))("%s: the reason and the way out", (_, sibling) => {
    for (const target of [thirdTarget, homeTarget]) {
      const [refusal] = refusals({ workload: sibling.workload, target }, { siblings: [sibling] });
      expect(refusal).toMatchObject({ code: "pattern.identity-settled", field: "pattern" });
      expect(refusal?.reason).toContain(`reaches targets in account ${away} only`);
      expect(refusal?.nextStep).toMatch(/another service account|revoke the present grants/i);
    }
  });

  it("never changes the identity that is there", () => {
    for (const pattern of ["oidc-federation", "pod-identity"]) {
      const settled = grant({ pattern: "irsa", workload: pod, target: homeTarget });
      const codes = refusals({ workload: pod, pattern }, { siblings: [settled] }).map(({ code }) => code);
      expect(codes).toContain("pattern.identity-settled");
    }
  });
});

describe("another form of a live grant", () => {
  const live = grant({ target: bucket, level: "read", expiresAt: "2026-12-01T00:00:00Z" });
  const form = (more: Partial<Proposal> = {}) =>
    proposal({ workload: live.workload, target: bucket, pattern: live.pattern, ...more });
  const known = { siblings: [live], changes: live };

  it("keeps the identity that is settled, whatever the workload would get today", () => {
    const settled = { ...live, identity: identity("home-role", null, away) };
    const outcome = admit(form({ level: "write" }), facts({ siblings: [settled], changes: settled }));
    expect(outcome).toMatchObject({ ok: true, value: { grant: { identity: settled.identity } } });
  });

  it("is how access comes from an earlier cluster to its successor, alone and by a review of its own", () => {
    const issuers = new Map([[live.id, "oidc.eks.eu-west-1.amazonaws.com/id/EARLIER"]]);
    const renewed = form({ expiresAt: "2027-01-01T00:00:00Z" });
    expect(admit(renewed, facts({ ...known, issuers }))).toMatchObject({ ok: true });
    const other = grant({ id: "bbbbbbbbbbbb", target: queue });
    const both = { ...known, siblings: [live, other], issuers: new Map([...issuers, [other.id, "other"]]) };
    expect(admit(renewed, facts(both))).toMatchObject({
      ok: false,
      refusals: [{ code: "cluster.recreated", reason: expect.stringContaining(queueArn) }],
    });
  });

  it("needs no room in a policy that is full with its own statements", () => {
    const full = { bytes: 20_480, statements: 40 };
    const crowded = inventory(item(bucketArn, away, { policyUsage: full }));
    expect(admit(form({ level: "write" }), facts({ ...known, ...crowded }))).toMatchObject({ ok: true });
    expect(refusals({ pattern: live.pattern }, crowded).map(({ code }) => code)).toEqual([
      "pattern.resource-policy-full",
    ]);
  });

  it("is no duplicate of the grant itself, and one of any other", () => {
    const other = grant({ ...live, id: "bbbbbbbbbbbb", level: "write" });
    const outcome = admit(form({ level: "write" }), facts({ siblings: [live, other], changes: live }));
    expect(outcome).toMatchObject({ ok: false, refusals: [{ code: "grant.duplicate" }] });
    expect(
      admit(form({ level: "read-write" }), facts({ siblings: [live, other], changes: live })),
    ).toMatchObject({ ok: true });
  });
});
