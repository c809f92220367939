import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import { desiredResources } from "../desired-resources.ts";
import { patterns } from "../patterns/catalogue.ts";
import { documentsOf, onTarget, withTrust } from "../testing/documents.ts";
import { everyPattern } from "../testing/every-pattern.ts";
import { estate, item, keyArn } from "../testing/organisation.ts";
import { keysBehind } from "./documents.ts";
import { proveAccess, type Today } from "./prove-access.ts";
import type { AccessDocuments } from "./reachable-sessions.ts";

const now = "2026-11-01T00:00:00Z";
const statement: Statement = { Effect: "Allow", Action: "*", Resource: "*" };
const everything: PolicyDocument = { Version: "2012-10-17", Statement: [statement] };

function wrong(one: Grant, change: (documents: AccessDocuments) => AccessDocuments): string[] {
  const desired = desiredResources([one], estate());
  const rows = proveAccess(one, desired, change(documentsOf(desired)), now);
  return [...new Set(rows.filter(({ ok }) => !ok).map(({ who }) => who))];
}

it("covers every pattern", () => {
  for (const pattern of Object.keys(patterns))
    expect(everyPattern.some(({ name }) => name.startsWith(`${pattern} `))).toBe(true);
});

describe.each(everyPattern)("$name", ({ asked: one }) => {
  it("lets the workload in and nobody else", () => {
    const desired = desiredResources([one], estate());
    const rows = proveAccess(one, desired, documentsOf(desired), now);
    const sameAccount = one.target.accountId === one.workload.cluster.accountId;
    expect(rows.map(({ who, outcome, ok }) => `${who} ${outcome} ${ok}`)).toEqual([
      "workload allowed true",
      "workload-beyond refused true",
      "other-service-account refused true",
      "other-namespace refused true",
      "other-cluster refused true",
      ...(sameAccount ? [] : ["person-of-cluster refused true"]),
      "person-of-target refused true",
      ...(sameAccount ? [] : ["admin-of-cluster refused true"]),
      "admin-of-target allowed true",
      "anonymous refused true",
    ]);
    for (const { steps, outcome, who } of rows) {
      expect(steps.at(-1)?.effect === "allow", who).toBe(outcome === "allowed");
      expect(steps.slice(0, -1).every(({ effect }) => effect === "allow")).toBe(true);
    }
    expect(rows[0]?.actions.length).toBeGreaterThan(1);
  });

  // Each takes one thing away or adds one: the rows must say whom it concerns.
  it("sees that the workload is kept out", () => {
    const nothing: PolicyDocument = { Version: "2012-10-17", Statement: [] };
    const shut = (all: AccessDocuments) => new Map([...all.boundaries.keys()].map((arn) => [arn, nothing]));
    expect(wrong(one, (all) => ({ ...all, boundaries: shut(all) }))).toEqual(["workload"]);
    const without = (kind: CloudResource["kind"]) => (all: AccessDocuments) => ({
      ...all,
      resources: all.resources.filter((resource) => resource.kind !== kind),
    });
    expect(wrong(one, without("role-policy"))).toEqual(["workload"]);
    expect(wrong(one, without("role"))).toEqual(["workload"]);
    const deny = { Effect: "Deny" as const, Principal: "*" as const, Action: "*" };
    expect(wrong(one, onTarget(one, deny))).toEqual(["workload"]);
    expect(
      wrong(one, (all) =>
        withTrust(all, (statement) => ({ ...statement, Principal: { AWS: "123456789012" } })),
      ).filter((who) => who !== "somebody-else"),
    ).toEqual(["workload"]);
    if (one.expiresAt === null) return;
    const desired = desiredResources([{ ...one, expiresAt: "2026-10-31T00:00:00Z" }], estate());
    const [first] = proveAccess(one, desired, { ...documentsOf(desired), policies: new Map() }, now);
    expect(first).toMatchObject({ who: "workload", outcome: "refused", ok: false });
    expect(wrong(one, (all) => ({ ...all, policies: new Map([[one.target.arn, nothing]]) })).length).toBe(
      desired.some(({ kind }) => kind === "resource-policy-statements") ? 1 : 0,
    );
  });

  it("sees that others get in", () => {
    const open = { Effect: "Allow" as const, Principal: "*" as const, Action: "*" };
    expect(wrong(one, onTarget(one, open))).toContain("anonymous");
    const found = wrong(one, (all) => withTrust(all, ({ Condition: _, ...rest }) => rest));
    expect(found).toEqual(expect.arrayContaining(["other-service-account", "other-namespace"]));
  });
});

const asked = everyPattern.find(({ name }) => name.startsWith("role-chaining"))?.asked as Grant;
const desired = desiredResources([asked], estate());
const rowsOf = (change: (documents: AccessDocuments) => AccessDocuments, today: Today | null = null) =>
  proveAccess(asked, desired, change(documentsOf(desired)), now, today);
const brief = (rows: ProvenRow[], who: string) =>
  rows
    .filter((row) => row.who === who)
    .map(({ outcome, ok, change, actions }) => ({ outcome, ok, change, actions }));

it("says of what is allowed where, and only if what", () => {
  const desired = desiredResources([{ ...asked, subResource: "exports" }], estate());
  const prefixed: Grant = { ...asked, subResource: "exports" };
  const [first, ...others] = proveAccess(prefixed, desired, documentsOf(desired), now);
  const { arn } = asked.target;
  expect(first?.terms?.map(({ actions, on }) => ({ actions, on }))).toEqual([
    { actions: ["s3:GetObject"], on: [`${arn}/exports/*`] },
    { actions: ["s3:ListBucket"], on: [arn] },
  ]);
  expect(first?.terms?.[1]?.onlyIf.join()).toContain('"s3:prefix"');
  expect(others.every(({ terms }) => terms === undefined)).toBe(true);
});

describe("what is near and not asked for", () => {
  it("is seen when a policy gives it", () => {
    const more = (all: AccessDocuments): AccessDocuments => ({
      ...all,
      resources: all.resources.map((one) =>
        one.kind === "role-policy" && one.owners.includes(asked.id)
          ? { ...one, body: { ...one.body, document: everything } }
          : one,
      ),
    });
    const wrongs = rowsOf(more).filter(({ ok }) => !ok);
    // The boundary still keeps it from the bucket's policy.
    const given = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"];
    expect(wrongs).toMatchObject([{ who: "workload-beyond", outcome: "allowed", actions: given }]);
    expect(wrongs[0]?.reason).toBe(`Allowed: ${given.join(", ")}.`);
  });

  it("leaves out what another grant of the workload gives", () => {
    const other: Grant = { ...asked, id: "bbbbbbbbbbbb", level: "write", subResource: "exports" };
    const mine: Grant = { ...asked, subResource: "reports" };
    const both = desiredResources([mine, other], estate());
    const [, beyond] = proveAccess(mine, both, documentsOf(both), now);
    expect(beyond).toMatchObject({ who: "workload-beyond", outcome: "refused", ok: true });
    expect(beyond?.actions).toContain("s3:GetObject outside reports/");
    const whole = desiredResources([mine, { ...other, subResource: null }], estate());
    const rows = proveAccess(mine, whole, documentsOf(whole), now);
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
    expect(rows[1]?.actions).not.toContain("s3:PutObject outside reports/");
  });
});

describe("people of both accounts", () => {
  it("are seen when a trust policy lets an account in", () => {
    const open = (account: string) => (all: AccessDocuments) =>
      withTrust(all, (statement) => ({ ...statement, Principal: { AWS: account } }));
    const home = asked.workload.cluster.accountId;
    const found = rowsOf(open(home)).filter(({ ok }) => !ok);
    expect(found.map(({ who }) => who)).toContain("admin-of-cluster");
    expect(found.map(({ who }) => who)).not.toContain("person-of-cluster");
  });

  const chains = everyPattern.filter(
    ({ asked: one }) => desiredResources([one], estate()).filter(({ kind }) => kind === "role").length > 1,
  );

  // STS API Reference, AssumeRole: whoever calls it chooses session tags and name; an ExternalId is no secret to them.
  it.each(chains)(
    "are seen when they come by way of another role, with the tags of a pod: $name",
    ({ asked: one }) => {
      const all = desiredResources([one], estate());
      const [home] = all.filter(({ kind }) => kind === "role");
      const open: Statement = {
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      };
      const opened = documentsOf(all).resources.map((role) =>
        role.kind === "role" && role.key === home?.key
          ? { ...role, body: { ...role.body, trust: { ...everything, Statement: [open] } } }
          : role,
      );
      const found = proveAccess(one, all, { ...documentsOf(all), resources: opened }, now);
      expect(found.filter(({ ok }) => !ok).map(({ who }) => who)).toEqual(
        expect.arrayContaining(["person-of-cluster", "admin-of-cluster"]),
      );
    },
  );

  it.each([
    ["ExternalId", { "sts:ExternalId": "of-their-own" }],
    ["session name", { "sts:RoleSessionName": "of-their-own" }],
    ["session tag", { "aws:RequestTag/team": "of-their-own" }],
  ])("are seen when a statement of others asks for what they choose: %s", (_, StringEquals) => {
    const theirs: Statement = {
      Effect: "Allow",
      Principal: { AWS: asked.workload.cluster.accountId },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: { StringEquals },
    };
    const added = (all: AccessDocuments): AccessDocuments => ({
      ...all,
      resources: all.resources.map((one) =>
        one.kind === "role"
          ? {
              ...one,
              body: {
                ...one.body,
                trust: { ...one.body.trust, Statement: [...statementsOf(one.body.trust), theirs] },
              },
            }
          : one,
      ),
    });
    expect(brief(rowsOf(added), "admin-of-cluster")).toMatchObject([{ outcome: "allowed", ok: false }]);
  });
});

describe("what is not known", () => {
  const endpointOnly = onTarget(asked, {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
  });

  it("is said, and neither fails the workload nor lets anybody in", () => {
    const rows = rowsOf(endpointOnly);
    expect(rows[0]).toMatchObject({
      who: "workload",
      outcome: "unknown",
      ok: true,
      dependsOn: ["aws:SourceVpce"],
    });
    expect(
      rows.filter(({ who }) => who !== "workload" && who !== "admin-of-target").map(({ outcome }) => outcome),
    ).toEqual(Array(8).fill("refused"));
  });

  it("is said of a target whose policy nobody has read", () => {
    const unread = rowsOf((all) => ({ ...all, unreadPolicies: new Set([asked.target.arn]) }));
    expect(unread[0]).toMatchObject({ outcome: "unknown", dependsOn: [`the policy of ${asked.target.arn}`] });
    expect(unread.find(({ who }) => who === "anonymous")).toMatchObject({ outcome: "unknown", ok: true });
  });

  it("is said of a role whose boundary nobody has read", () => {
    const unread = rowsOf((all) => ({ ...all, boundaries: new Map() }));
    expect(unread[0]).toMatchObject({ outcome: "unknown", ok: true });
    expect(unread[0]?.dependsOn).toEqual(
      desired.flatMap((one) => (one.kind === "role" ? [`the boundary ${one.body.boundaryArn}`] : [])),
    );
    expect(unread.filter(({ ok }) => !ok)).toEqual([]);
    const open = (all: AccessDocuments) => ({
      ...withTrust(all, (one) => [one, { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }]),
      boundaries: new Map(),
    });
    expect(brief(rowsOf(open), "admin-of-cluster")).toMatchObject([{ outcome: "unknown" }]);
  });

  it("is not said of a role without a boundary, which nothing limits", () => {
    const unlimited = rowsOf((all) => ({
      ...all,
      resources: all.resources.map((one) =>
        one.kind === "role" ? { ...one, body: { ...one.body, boundaryArn: "" } } : one,
      ),
    }));
    expect(unlimited[0]).toMatchObject({ outcome: "allowed", ok: true });
  });

  it("is said of a key whose policy nobody has read, and known once it is read", () => {
    const keyed = estate({
      inventory: [item(asked.target.arn, asked.target.accountId, { encryption: keyArn })],
    });
    const wanted = desiredResources([asked], keyed);
    const ask = (policy?: PolicyDocument) => {
      const keys = keysBehind([asked], keyed);
      const [arn, key] = [...keys][0] ?? [];
      const known = arn && key && policy ? new Map([[arn, { ...key, policy }]]) : keys;
      return brief(proveAccess(asked, wanted, { ...documentsOf(wanted), keys: known }, now), "workload");
    };
    const listed = { outcome: "allowed", actions: ["s3:ListBucket"] };
    expect(ask()).toMatchObject([{ outcome: "unknown", actions: ["s3:GetObject"] }, listed]);
    const root = { AWS: `arn:aws:iam::${asked.target.accountId}:root` };
    const delegates = { ...everything, Statement: [{ ...statement, Principal: root }] };
    expect(ask(delegates)).toMatchObject([
      { outcome: "allowed", actions: ["s3:GetObject", "s3:ListBucket"] },
    ]);
    const others = { AWS: `arn:aws:iam::${asked.target.accountId}:role/others` };
    const shut = { ...everything, Statement: [{ ...statement, Principal: others }] };
    expect(ask(shut)).toMatchObject([{ outcome: "refused", ok: false, actions: ["s3:GetObject"] }, listed]);
  });
});

describe("what is new", () => {
  const nothing: AccessDocuments = { resources: [], boundaries: new Map(), policies: new Map() };

  it("is the workload's access, and nobody else's", () => {
    const rows = rowsOf((all) => all, { documents: nothing, desired: [] });
    expect(rows.filter(({ change }) => change === "new").map(({ who }) => who)).toEqual(["workload"]);
    expect(rows.filter(({ change }) => change !== "new").every(({ change }) => change === "unchanged")).toBe(
      true,
    );
  });

  it("is nothing where all of it is there", () => {
    const rows = rowsOf((all) => all, { documents: documentsOf(desired), desired });
    expect(new Set(rows.map(({ change }) => change))).toEqual(new Set(["unchanged"]));
  });

  it("is what a level adds, and what it takes away ends", () => {
    const writing: Grant = { ...asked, level: "write" };
    const after = desiredResources([writing], estate());
    const rows = proveAccess(writing, after, documentsOf(after), now, {
      documents: documentsOf(desired),
      desired,
    });
    expect(brief(rows, "workload")).toEqual([
      {
        outcome: "allowed",
        ok: true,
        change: "new",
        actions: [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
        ],
      },
      { outcome: "refused", ok: true, change: "ends", actions: ["s3:GetObject", "s3:ListBucket"] },
    ]);
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
  });

  it("shows whom a statement of others lets in already", () => {
    const open = onTarget(asked, { Effect: "Allow", Principal: "*", Action: "s3:GetObject" });
    const rows = rowsOf(open, { documents: open(nothing), desired: [] });
    expect(brief(rows, "anonymous")).toMatchObject([
      { outcome: "allowed", ok: false, change: "unchanged", actions: ["s3:GetObject"] },
      { outcome: "refused", ok: true, change: "unchanged", actions: ["s3:ListBucket"] },
    ]);
  });
});
