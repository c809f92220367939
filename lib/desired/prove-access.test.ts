import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { desiredResources } from "./desired-resources.ts";
import { patterns } from "./patterns/catalogue.ts";
import { proveAccess } from "./prove-access.ts";
import type { AccessDocuments } from "./reachable-sessions.ts";
import { everyPattern } from "./testing/every-pattern.ts";
import { estate } from "./testing/organisation.ts";

const now = "2026-11-01T00:00:00Z";

/** As if AWS had exactly what is desired. */
function documentsOf(resources: readonly CloudResource[]): AccessDocuments {
  const boundaries = new Map<string, PolicyDocument>();
  const policies = new Map<string, PolicyDocument>();
  for (const { kind, body, accountId } of resources) {
    if (kind === "role")
      boundaries.set(body.boundaryArn, boundaryPolicy({ partition: "aws" }, estate().installation));
    if (kind === "resource-policy-statements")
      policies.set(body.resourceArn, { Version: "2012-10-17", Statement: body.statements });
    expect(accountId).toMatch(/^\d{12}$/);
  }
  return { resources, boundaries, policies };
}

function wrong(one: Grant, change: (documents: AccessDocuments) => AccessDocuments): string[] {
  const desired = desiredResources([one], estate());
  const rows = proveAccess(one, desired, change(documentsOf(desired)), now);
  return rows.filter(({ ok }) => !ok).map(({ who }) => who);
}

function withTrust(documents: AccessDocuments, trust: (statement: Statement) => Statement): AccessDocuments {
  const resources = documents.resources.map((one) => {
    if (one.kind !== "role") return one;
    const { Statement: statements } = one.body.trust;
    const changed = (Array.isArray(statements) ? statements : [statements]).map(trust);
    return { ...one, body: { ...one.body, trust: { ...one.body.trust, Statement: changed } } };
  });
  return { ...documents, resources };
}

const onTarget = (one: Grant, statement: Omit<Statement, "Resource">) => (documents: AccessDocuments) => {
  const Resource = [one.target.arn, `${one.target.arn}/*`];
  const before = documents.policies.get(one.target.arn)?.Statement ?? [];
  const Statement = [...(Array.isArray(before) ? before : [before]), { ...statement, Resource } as Statement];
  return {
    ...documents,
    policies: new Map([[one.target.arn, { Version: "2012-10-17" as const, Statement }]]),
  };
};

it("covers every pattern", () => {
  for (const pattern of Object.keys(patterns))
    expect(everyPattern.some(({ name }) => name.startsWith(`${pattern} `))).toBe(true);
});

describe.each(everyPattern)("$name", ({ asked: one }) => {
  it("lets the workload in and nobody else", () => {
    const desired = desiredResources([one], estate());
    const rows = proveAccess(one, desired, documentsOf(desired), now);
    expect(rows.map(({ who, outcome, ok }) => `${who} ${outcome} ${ok}`)).toEqual([
      "workload allowed true",
      "other-service-account refused true",
      "other-namespace refused true",
      "other-cluster refused true",
      "anonymous refused true",
    ]);
    expect(rows[0]?.actions.length).toBeGreaterThan(1);
  });

  // Each takes one thing away or adds one: the rows must say whom it concerns.
  it("sees that the workload is kept out", () => {
    const nothing: PolicyDocument = { Version: "2012-10-17", Statement: [] };
    expect(wrong(one, (all) => ({ ...all, boundaries: new Map() }))).toEqual(["workload"]);
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
      ),
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
