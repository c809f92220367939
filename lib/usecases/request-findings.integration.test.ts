import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { grantView } from "#lib/db/queries/grant.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { requestList } from "#lib/db/queries/requests.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import type { Observed } from "#lib/model/cloud-resource.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { sid } from "#lib/model/resource-key.ts";
import type { Risk } from "#lib/model/risk.ts";
import { policySnapshotKey } from "#lib/plan/snapshot.ts";
import { previewRequest } from "./preview-request.ts";
import { reviewRequest } from "./review-request.ts";
import {
  activate,
  approved,
  bucket,
  codesIn,
  createOrganisation,
  grantProposal,
  mustAccept,
  type Organisation,
  type Role,
  refusalsIn,
  review,
  sharedBucket,
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

const worldReads: Statement = {
  Sid: "PublicPriceList",
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: `${bucket.arn}/public/*`,
};

async function seen(...Statement: Statement[]): Promise<void> {
  const surrounding = { Version: "2012-10-17" as const, Statement };
  const observed = { state: "absent", surrounding } satisfies Observed;
  await database.prisma.observedResource.update({
    where: { key: policySnapshotKey(bucket.arn) },
    data: { observed: JSON.parse(JSON.stringify(observed)) },
  });
}

const writing = {
  grants: [grantProposal({ level: "write", subResource: "in", pattern: "resource-policy" })],
};

async function viewFor(role: Role, number: number) {
  const view = await requestView(org.deps, org.people[role], number);
  if (!view) throw new TypeError(`${role} does not see the request`);
  return view;
}

/** As the live check settles it. */
async function setRisk(id: string, risk: Risk): Promise<void> {
  await database.prisma.requestVersion.update({
    where: { requestId_number: { requestId: id, number: 1 } },
    data: { risk },
  });
}

describe("what is wrong with a request's documents", () => {
  it("is found in statements of others that stay, marked as theirs, with the lines where it stands", async () => {
    await seen(worldReads);
    const { number } = await submitted(org, writing);
    const { findings, plan } = await viewFor("dataOwner", number);
    const everyone = findings.items.find(({ id }) => id === "principal.everyone");
    expect(everyone).toMatchObject({ origin: "foreign", accountName: "data", severity: "security-warning" });
    const { place } = everyone ?? {};
    const document = plan?.accounts
      .flatMap(({ steps }) => steps)
      .find(({ key }) => key === place?.stepKey)
      ?.documents.find(({ title }) => title === place?.document);
    const lines = document?.after?.split("\n") ?? [];
    const shown = lines.slice((place?.lines?.from ?? 0) - 1, place?.lines?.to).join("\n");
    expect(JSON.parse(shown.replace(/,$/, ""))).toEqual(worldReads);
    expect(findings.documents).toBeGreaterThan(1);
    expect(findings.rules).toBeGreaterThan(50);
  });

  it("is not looked for in dead statements of our other grants, which leave the policy with the change and are shown to", async () => {
    const { grant } = await approved(org, { grants: [grantProposal({ level: "read", subResource: "out" })] });
    const dead = (grantId: string): Statement => ({
      ...worldReads,
      Sid: sid(grantId, 0),
      Principal: { AWS: "AROAEXAMPLEEXAMPLE123" },
    });
    const [ours, another] = [dead(grant.id), dead("zzzzzzzzzzzz")];
    await seen(worldReads, ours, another);
    const { number } = await submitted(org, writing);
    const { plan } = await viewFor("dataOwner", number);
    const step = plan?.accounts
      .flatMap(({ steps }) => steps)
      .find(({ kind }) => kind === "resource-policy-statements");
    const [document] = step?.documents ?? [];
    expect(document?.before).toContain(ours.Sid);
    expect(document?.after).not.toContain(ours.Sid);
    expect(document?.after).toContain(another.Sid);
    expect(step?.reason).toContain("whose roles were deleted");

    // Who may not see into the account is not told of other accesses there, and not that they stay.
    const closed = (await viewFor("platformOwner", number)).plan?.accounts
      .flatMap(({ steps }) => steps)
      .find(({ kind }) => kind === "resource-policy-statements");
    expect(closed).toMatchObject({ reason: null, documents: [{ hiddenStatements: 2 }] });
  });

  it("is looked for in all that was read of live access, which no change is about to be made to", async () => {
    const [dead, live] = await Promise.all(
      ["dead", "live"].map((subResource) =>
        approved(org, {
          grants: [grantProposal({ level: "write", subResource, pattern: "resource-policy" })],
        }),
      ),
    );
    if (!dead || !live) throw new Error("no access");
    for (const one of [dead, live]) await activate(database.prisma, one);
    const gone = { ...worldReads, Sid: sid(dead.grant.id, 0), Principal: { AWS: "AROAEXAMPLEEXAMPLE123" } };
    const drifted = {
      ...gone,
      Sid: sid(live.grant.id, 0),
      Principal: { AWS: "arn:aws:iam::111122223333:role/x" },
    };
    await seen(gone, drifted);
    const { asRead } = (await grantView(org.deps, org.people.dataOwner, live.grant.id)) ?? {};
    const step = asRead?.plan.accounts
      .flatMap(({ steps }) => steps)
      .find(({ kind }) => kind === "resource-policy-statements");
    expect(step).toMatchObject({ verb: "keep", reason: null });
    expect(step?.documents[0]?.after).toContain(gone.Sid);
  });

  it("names the rule and nothing else to who may not see into the account", async () => {
    await seen(worldReads);
    const { number } = await submitted(org, writing);
    const { findings } = await viewFor("developer", number);
    const everyone = findings.items.find(({ id }) => id === "principal.everyone");
    expect(everyone).toMatchObject({ origin: "foreign", place: null });
    expect(JSON.stringify(findings)).not.toContain("PublicPriceList");
  });

  it("does not name a statement of others that makes one of ours needless, but to its owners", async () => {
    const everything = {
      ...worldReads,
      Sid: "WideOpen",
      Action: "s3:*",
      Resource: [bucket.arn, `${bucket.arn}/*`],
    };
    await seen(everything);
    const { number } = await submitted(org, writing);
    const told = async (role: Role) => JSON.stringify((await viewFor(role, number)).findings);
    expect(await told("dataOwner")).toContain("WideOpen");
    expect(await told("developer")).not.toContain("WideOpen");
    expect(await told("platformOwner")).not.toContain("WideOpen");
  });

  it("is in the preview too, with the risk and what it asks for", async () => {
    await seen(worldReads);
    const preview = mustAccept(await previewRequest(org.deps, org.people.dataOwner, submission(writing)));
    expect(preview.findings?.items.map(({ id }) => id)).toContain("principal.everyone");
    expect(preview.risk?.level).toBe("high");
  });

  it("does not count towards the risk where others wrote it", async () => {
    await seen(worldReads);
    const { number } = await submitted(org, writing);
    const { risk } = await viewFor("dataOwner", number);
    expect(risk.reasons.map(({ id }) => id)).not.toContain("boundless");
  });
});

describe("approving at high risk", () => {
  it("needs the name of the account that it opens, and writes nothing without it", async () => {
    await seen();
    const request = await submitted(org, writing);
    const view = await viewFor("dataOwner", request.number);
    expect(view.risk).toMatchObject({ level: "high" });
    expect(view.may.confirmation).toBe("data");
    for (const confirmation of ["", "Data", "platform-eks"]) {
      const refused = await reviewRequest(org.deps, org.people.dataOwner, review(request, { confirmation }));
      expect(codesIn(refused)).toEqual(["confirmation.missing"]);
    }
    expect(await database.prisma.review.count({ where: { requestId: request.id } })).toBe(0);
    mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(request)));
    const event = await database.prisma.auditEvent.findFirst({
      where: { requestId: request.id, type: "request.reviewed" },
    });
    expect(event?.data).toMatchObject({ risk: "high", confirmed: "data" });
  });

  it("needs the names of all, where the request opens several", async () => {
    const elsewhere = grantProposal({ target: sharedBucket });
    const request = await submitted(org, { grants: [...writing.grants, elsewhere] });
    const view = await viewFor("dataOwner", request.number);
    expect(view.may.confirmation).toBe("data, shared");
    const first = await reviewRequest(org.deps, org.people.dataOwner, review(request));
    expect(codesIn(first)).toEqual(["confirmation.missing"]);
    mustAccept(
      await reviewRequest(org.deps, org.people.dataOwner, review(request, { confirmation: "data, shared" })),
    );
  });

  it("is not asked for to reject it", async () => {
    const request = await submitted(org, writing);
    const decision = { decision: "reject", comment: "Not this bucket.", confirmation: "" };
    mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(request, decision)));
  });

  it("is not asked for where the risk is lower", async () => {
    const request = await submitted(org, { grants: [grantProposal({ subResource: "in" })] });
    const view = await viewFor("dataOwner", request.number);
    expect([view.risk.level, view.may.confirmation]).toEqual(["medium", null]);
    mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(request, { confirmation: "" })));
  });
});

describe("what the target's tag says about its data", () => {
  const marked = (classification: string | null) =>
    database.prisma.inventoryItem.update({ where: { arn: bucket.arn }, data: { classification } });
  afterEach(() => marked(null));

  it.each([
    ["restricted", "critical", "restricted-written"],
    ["confidential", "high", "classified"],
    ["internal", "high", "production-written"],
  ])("counts towards the risk: %s, written in production, is %s", async (word, level, reason) => {
    await seen();
    await marked(word);
    const preview = mustAccept(await previewRequest(org.deps, org.people.developer, submission(writing)));
    expect(preview.risk?.level).toBe(level);
    const { number } = await submitted(org, writing);
    const { risk, approvals } = await viewFor("dataOwner", number);
    expect(risk.level).toBe(level);
    expect(risk.reasons.map(({ id }) => id)).toContain(reason);
    expect(approvals.some(({ id }) => id === "risk:critical")).toBe(level === "critical");
  });

  it("is a word that the product knows", async () => {
    await expect(marked("top-secret")).rejects.toThrow(/InventoryItem_classification_check/);
  });
});

describe("approving at critical risk", () => {
  const critical: Risk = {
    level: "critical",
    reasons: [{ id: "boundless", level: "critical", reason: "It lets in everybody." }],
  };

  it("needs an admin beside the owners of both accounts", async () => {
    const request = await submitted(org, writing);
    await setRisk(request.id, critical);
    const byOwners = mustAccept(await reviewRequest(org.deps, org.people.bothOwner, review(request)));
    expect(byOwners).toEqual({ state: "in_review", runId: null });
    const { approvals } = await viewFor("admin", request.number);
    expect(approvals.filter(({ approvedBy }) => approvedBy === null)).toMatchObject([
      { id: "risk:critical" },
    ]);
    const waiting = await requestList(org.deps, org.people.admin, { who: "awaiting-me" });
    expect(waiting.items).toContainEqual(
      expect.objectContaining({ number: request.number, risk: "critical" }),
    );
    const byAdmin = mustAccept(await reviewRequest(org.deps, org.people.admin, review(request)));
    expect(byAdmin.state).toBe("approved");
  });

  it("does not let an admin stand in for owners who are there", async () => {
    const request = await submitted(org, writing);
    await setRisk(request.id, critical);
    const outcome = mustAccept(await reviewRequest(org.deps, org.people.admin, review(request)));
    expect(outcome.state).toBe("in_review");
    const again = await reviewRequest(org.deps, org.people.admin, review(request));
    expect(refusalsIn(again)).toMatchObject([{ code: "review.already" }]);
  });
});

describe("what was approved", () => {
  it("stays as the last approver saw it, whatever becomes of AWS", async () => {
    await seen(worldReads);
    const request = await submitted(org, writing);
    const { plan, proof, findings } = await viewFor("dataOwner", request.number);
    mustAccept(await reviewRequest(org.deps, org.people.bothOwner, review(request)));
    const decided = await viewFor("dataOwner", request.number);
    expect(decided).toMatchObject({ state: "approved", plan, proof });
    expect(decided.findings.items.map(({ id }) => id)).toEqual(findings.items.map(({ id }) => id));

    await seen();
    const later = await viewFor("dataOwner", request.number);
    expect(later.plan).toEqual(plan);
    expect(later.proof).toEqual(proof);
    expect(later.findings.items.map(({ id }) => id)).toContain("principal.everyone");
  });

  it("stays readable where it could not be asked for any more, and what waits says why it can't be planned", async () => {
    const { request } = await approved(org, writing);
    const waiting = await submitted(org, writing);
    const { plan, proof } = await viewFor("dataOwner", request.number);
    const clusters = await database.prisma.cluster.findMany();
    await database.prisma.cluster.updateMany({ data: { issuer: null } });
    try {
      expect(await viewFor("dataOwner", request.number)).toMatchObject({
        kept: true,
        plan,
        proof,
        planProblem: null,
      });
      const undecided = await viewFor("dataOwner", waiting.number);
      expect(undecided).toMatchObject({ kept: false, plan: null, proof: [] });
      expect(undecided.planProblem).toMatch(/^It can't be carried out as things are now/);
    } finally {
      for (const { accountId, region, name, issuer } of clusters)
        await database.prisma.cluster.updateMany({ where: { accountId, region, name }, data: { issuer } });
    }
  });

  it("hides of what others wrote as much as before", async () => {
    await seen(worldReads);
    const { request } = await approved(org, writing);
    for (const role of ["developer", "platformOwner"] as const) {
      const view = JSON.stringify(await viewFor(role, request.number));
      expect(view).not.toContain("PublicPriceList");
      expect(view).not.toContain("public/*");
    }
  });
});
