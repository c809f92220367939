import { describe, expect, it } from "vitest";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { desiredResources } from "../desired-resources.ts";
import { documentsOf } from "../testing/documents.ts";
import { everyPattern } from "../testing/every-pattern.ts";
import { bucketArn, estate, grant, home, workload } from "../testing/organisation.ts";
import { plannedDocuments, statementsOn } from "./documents.ts";
import { proveAccess } from "./prove-access.ts";

/**
 * Who gets in by what others wrote into the target's policy is told apart from who gets in by what we wrote. Ours that is
 * too wide is never excused: not by others who are as generous, and not because it is of another grant.
 */

const now = "2026-11-01T00:00:00Z";
const byPolicy = grant({ pattern: "resource-policy" });
const atHome = everyPattern.find(({ name }) => name.startsWith("irsa from prod"))?.asked as Grant;
const account = { AWS: `arn:aws:iam::${home}:root` };
const office = "203.0.113.0/24";

const ours = (one: Grant) => statementsOn(desiredResources([one], estate()), one.target.arn);

/** Our statements as somebody has edited them. */
const edited = (one: Grant, more: Partial<Statement>, keepConditions = false) =>
  ours(one).map(
    ({ Condition, ...rest }): Statement => ({
      ...rest,
      ...(keepConditions && Condition ? { Condition } : {}),
      ...more,
    }),
  );

const theirs = (more: Partial<Statement> = {}): Statement => ({
  Sid: "Theirs",
  Effect: "Allow",
  Principal: "*",
  Action: "s3:*",
  Resource: [bucketArn, `${bucketArn}/*`],
  ...more,
});

const custom = (...permissions: CustomPermissions): Grant => ({
  ...byPolicy,
  level: "custom",
  custom: permissions,
});

function rowsOf(one: Grant, statements: readonly Statement[], siblings: readonly Grant[] = []) {
  const desired = desiredResources([one, ...siblings], estate());
  const policy = { Version: "2012-10-17" as const, Statement: [...statements] };
  const documents = { ...documentsOf(desired), policies: new Map([[one.target.arn, policy]]) };
  return proveAccess(one, desired, documents, now);
}

/** Who gets in though nobody approved it: by others, and by us. */
function inside(...given: Parameters<typeof rowsOf>) {
  const allowed = rowsOf(...given).filter(({ who, outcome }) => outcome === "allowed" && who !== "workload");
  const whoever = (byOthers: boolean) =>
    allowed.filter((row) => Boolean(row.byOthers) === byOthers).map(({ who, ok }) => (ok ? `(${who})` : who));
  return { others: whoever(true), us: whoever(false).filter((who) => who !== "(admin-of-target)") };
}

describe("who gets in by what others wrote", () => {
  it("is everybody, where others have opened the target", () => {
    expect(inside(byPolicy, [...ours(byPolicy), theirs()])).toEqual({
      others: ["person-of-target", "(admin-of-cluster)", "anonymous"],
      us: [],
    });
  });

  it("is the administrator of an account with which the target's owner shares it, as that owner has decided", () => {
    const shared = [...ours(byPolicy), theirs({ Principal: account })];
    expect(inside(byPolicy, shared)).toEqual({ others: ["(admin-of-cluster)"], us: [] });
  });

  it("is not the workload, which would have none of it without this access", () => {
    const all = { Condition: { StringEquals: { "aws:PrincipalAccount": home } } };
    const resources = { Resource: [atHome.target.arn, `${atHome.target.arn}/*`] };
    expect(inside(atHome, [theirs({ ...resources, ...all })])).toEqual({
      others: ["person-of-target"],
      us: ["workload-beyond"],
    });
  });
});

describe("ours that is too wide", () => {
  const limited = custom({
    actions: ["s3:GetObject"],
    conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: [office] }],
  });
  const fromOffice = { Condition: { IpAddress: { "aws:SourceIp": office } } };
  const inFolder: Grant = { ...byPolicy, subResource: "exports" };
  const ranges = custom(
    ...[office, "198.51.100.0/24"].map((range) => ({
      actions: ["s3:GetObject"],
      conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: [range] }],
    })),
  );
  const onceUnknown = custom(
    {
      actions: ["s3:GetObject"],
      conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: [office] }],
    },
    {
      actions: ["s3:GetObject"],
      conditions: [{ operator: "StringNotEquals", key: "aws:SourceVpce", values: ["vpce-1"] }],
    },
  );
  const elsewhere = grant({
    id: "bbbbbbbbbbbb",
    workload: workload({ cluster: "agents" }),
    pattern: "resource-policy",
  });
  const [first] = edited(byPolicy, { Principal: "*" });

  it.each<[string, Grant, Statement[], string]>([
    ["as others'", byPolicy, [theirs(), ...edited(byPolicy, { Principal: "*" })], "anonymous"],
    [
      "without the condition that others' has",
      limited,
      [theirs({ Principal: account, ...fromOffice }), ...edited(limited, { Principal: account })],
      "admin-of-cluster",
    ],
    [
      "on the whole, where others open a part",
      inFolder,
      [
        theirs({ Principal: account, Resource: `${bucketArn}/exports/*` }),
        theirs({
          Principal: account,
          Resource: bucketArn,
          Condition: { StringLike: { "s3:prefix": "exports/*" } },
        }),
        ...edited(inFolder, { Principal: account, Resource: [bucketArn, `${bucketArn}/*`] }),
      ],
      "admin-of-cluster",
    ],
    [
      "for the second of two conditions, where others open the first",
      ranges,
      [theirs(fromOffice), ...edited(ranges, { Principal: "*" }, true)],
      "anonymous",
    ],
    [
      "as far as anybody knows, where others open another part for certain",
      onceUnknown,
      [theirs(fromOffice), ...edited(onceUnknown, { Principal: "*" }, true)],
      "anonymous",
    ],
    [
      "in a grant of another cluster",
      byPolicy,
      [...ours(byPolicy), ...edited(elsewhere, { Principal: account })],
      "admin-of-cluster",
    ],
    [
      "in a statement that no grant wants any more",
      byPolicy,
      [...ours(byPolicy), { ...(first as Statement), Sid: `Drawbridge${byPolicy.id}9` }],
      "anonymous",
    ],
    [
      "twice under one Sid",
      byPolicy,
      [...ours(byPolicy), ...edited(byPolicy, { Principal: "*" })],
      "anonymous",
    ],
  ])("stays ours: %s", (_, one, statements, who) => {
    const found = inside(one, statements);
    expect(found.us).toContain(who);
    expect(found.others).not.toContain(who);
    expect(found.others).not.toContain(`(${who})`);
  });

  it("is not what will be, where the run takes it away: an older form of the same grant", () => {
    const desired = desiredResources([byPolicy], estate());
    const [wide] = edited(byPolicy, { Principal: "*" });
    const stale = { ...(wide as Statement), Sid: `Drawbridge${byPolicy.id}7` };
    const today = { Version: "2012-10-17" as const, Statement: [theirs({ Effect: "Deny" }), stale] };
    const around = {
      targets: [bucketArn],
      boundaries: new Map(),
      policies: new Map([[bucketArn, today]]),
      keys: new Map(),
    };
    const planned = plannedDocuments(desired, desired, around).policies.get(bucketArn);
    expect(planned && statementsOf(planned).map(({ Sid }) => Sid)).toEqual([
      "Theirs",
      ...ours(byPolicy).map(({ Sid }) => Sid),
    ]);
  });

  it("stays ours in a part of the target, where it is of a sibling", () => {
    const sibling: Grant = { ...byPolicy, id: "cccccccccccc", subResource: "exports" };
    const statements = [...ours(byPolicy), ...edited(sibling, { Principal: "*" }, true)];
    const parts = rowsOf(byPolicy, statements, [sibling]).filter(({ who }) => who === "others-in-parts");
    expect(parts.filter(({ ok }) => ok)).toEqual([]);
    expect(parts.length).toBeGreaterThan(0);
  });
});
