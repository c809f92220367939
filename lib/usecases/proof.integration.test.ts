import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestView } from "#lib/db/queries/request.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import type { Observed } from "#lib/model/cloud-resource.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import { policySnapshotKey } from "#lib/plan/snapshot.ts";
import { previewRequest } from "./preview-request.ts";
import {
  bucket,
  createOrganisation,
  grantProposal,
  mustAccept,
  type Organisation,
  queue,
  type Role,
  submission,
  submitted,
} from "./testing.ts";

let database: TestDatabase;
let org: Organisation;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
});
afterAll(() => database.drop());

/** The bucket's policy, as the inventory last saw it. */
async function seen(...Statement: Statement[]): Promise<void> {
  const surrounding = { Version: "2012-10-17" as const, Statement };
  const observed = { state: "absent", ...(Statement.length > 0 ? { surrounding } : {}) } satisfies Observed;
  await database.prisma.observedResource.update({
    where: { key: policySnapshotKey(bucket.arn) },
    data: { observed: JSON.parse(JSON.stringify(observed)) },
  });
}

async function proofFor(role: Role, changes: Record<string, unknown> = {}): Promise<ProvenRow[]> {
  const grants = [grantProposal(changes)];
  const preview = mustAccept(await previewRequest(org.deps, org.people[role], submission({ grants })));
  expect(preview.refusals).toEqual([]);
  return preview.proof.flatMap(({ rows }) => rows);
}

const brief = (rows: ProvenRow[]) => rows.map((row) => `${row.who} ${row.outcome} ${row.change}`);
const inside = "vpce-0123456789abcdef0";
const onlyInside: Statement = {
  Sid: "OnlyFromInside",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [bucket.arn, `${bucket.arn}/*`],
  Condition: { StringNotEquals: { "aws:SourceVpce": inside } },
};
const open: Statement = {
  Sid: "TheWorldReads",
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: `${bucket.arn}/*`,
};

describe("a request's proof", () => {
  it("says that the workload's access is new and that nobody else's changes", async () => {
    await seen();
    const rows = await proofFor("developer");
    expect(brief(rows)).toEqual([
      "workload allowed new",
      "workload-beyond refused unchanged",
      "other-service-account refused unchanged",
      "other-namespace refused unchanged",
      "other-cluster refused unchanged",
      "person-of-cluster refused unchanged",
      "person-of-target refused unchanged",
      "admin-of-cluster refused unchanged",
      "admin-of-target allowed unchanged",
      "anonymous refused unchanged",
    ]);
    expect(rows[0]?.actions).toEqual(["s3:GetObject", "s3:ListBucket"]);
  });

  it("is the same on the page of the request as in its preview", async () => {
    await seen();
    const { number } = await submitted(org, { grants: [grantProposal()] });
    const view = await requestView(org.deps, org.people.dataOwner, number);
    expect(view?.proof.map(({ grantId }) => grantId)).toEqual(view?.grants.map(({ id }) => id));
    expect(brief(view?.proof[0]?.rows ?? [])).toEqual(brief(await proofFor("dataOwner")));
  });

  it.each(["resource-policy", "role-chaining", "oidc-federation", "pod-identity"])(
    "holds for %s",
    async (pattern) => {
      await seen();
      const rows = await proofFor("developer", { pattern });
      expect(rows.filter(({ ok }) => !ok)).toEqual([]);
      expect(rows[0]).toMatchObject({ who: "workload", outcome: "allowed", change: "new" });
    },
  );

  it("says what an answer depends on, to those who may know it", async () => {
    await seen(onlyInside);
    const [owner] = await proofFor("dataOwner");
    expect(owner).toMatchObject({ outcome: "unknown", dependsOn: ["aws:SourceVpce"] });
    expect(owner?.steps.at(-1)?.reason).toContain("aws:SourceVpce");
    const [developer] = await proofFor("developer");
    expect(developer).toMatchObject({ outcome: "unknown", change: "new" });
    expect(JSON.stringify(developer)).not.toMatch(/SourceVpce|OnlyFromInside/);
  });

  it("shows whom the target's policy lets in already", async () => {
    await seen(open);
    const rows = await proofFor("dataOwner");
    expect(rows.find(({ who, ok }) => who === "anonymous" && !ok)).toMatchObject({
      outcome: "allowed",
      change: "unchanged",
      actions: ["s3:GetObject"],
    });
    expect(JSON.stringify(await proofFor("developer"))).not.toContain("TheWorldReads");
  });

  it("does not say what is new in an account that was never read", async () => {
    await seen();
    const never = (syncedAt: Date | null) =>
      database.prisma.account.updateMany({ where: { id: bucket.accountId }, data: { syncedAt } });
    const { syncedAt } = await database.prisma.account.findUniqueOrThrow({ where: { id: bucket.accountId } });
    await never(null);
    const rows = await proofFor("developer");
    await never(syncedAt);
    expect(new Set(rows.map(({ change }) => change))).toEqual(new Set([null]));
    expect(rows[0]).toMatchObject({ who: "workload", outcome: "allowed" });
  });

  it("does not know what nobody has read", async () => {
    const rows = await proofFor("dataOwner", { target: queue });
    expect(rows[0]).toMatchObject({ outcome: "unknown", dependsOn: [`the policy of ${queue.arn}`] });
    expect(rows.find(({ who }) => who === "anonymous")).toMatchObject({ outcome: "unknown" });
    expect(rows.find(({ who }) => who === "other-namespace")).toMatchObject({ outcome: "refused" });
  });
});
