import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealHistory } from "#lib/db/audit-chain.ts";
import { historyChain } from "#lib/db/queries/history-chain.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { requestHistoryCheck } from "./request-history-check.ts";
import { codesIn, createOrganisation, everyRole, type Organisation, rowCounts } from "./testing.ts";

let database: TestDatabase;
let org: Organisation;
beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
});
afterAll(() => database.drop());

const entitled = new Set<string>(["admin", "auditor"]);

describe("a check of history", () => {
  it.each(everyRole)("is asked for by admins and auditors alone: %s", async (role) => {
    const before = await rowCounts(database.prisma);
    const outcome = await requestHistoryCheck(org.deps, org.people[role], {});
    expect(codesIn(outcome)).toEqual(entitled.has(role) ? [] : ["forbidden"]);
    const after = await rowCounts(database.prisma);
    expect(after.events - before.events).toBe(entitled.has(role) ? 1 : 0);
  });

  it("is one job, however often it is asked for", async () => {
    for (const role of ["admin", "auditor"] as const)
      await requestHistoryCheck(org.deps, org.people[role], {});
    expect((await rowCounts(database.prisma)).jobs).toBe(1);
  });

  it("takes nothing from outside", async () => {
    expect(codesIn(await requestHistoryCheck(org.deps, org.people.admin, { fault: null }))).toEqual([
      "input.unrecognized",
    ]);
  });
});

describe("the state of the chain", () => {
  it.each(everyRole)("is shown to admins and auditors alone: %s", async (role) => {
    const view = await historyChain(org.deps, org.people[role]);
    if (entitled.has(role)) expect(view).toMatchObject({ check: null });
    else expect(view).toBeNull();
  });

  it("says how far history is sealed, what waits, and what the last check found", async () => {
    const { admin } = org.people;
    const at = org.deps.now().toISOString();
    const events = await database.prisma.auditEvent.count();
    expect(await historyChain(org.deps, admin)).toEqual({
      sealed: null,
      waiting: { count: events, since: at },
      check: null,
    });
    const { head } = await sealHistory(database.prisma);
    await database.prisma.auditCheck.create({
      data: { ...head, anchors: 2, unsealed: 0, durationMs: 5 },
    });
    const intact = await historyChain(org.deps, admin);
    expect(intact).toEqual({
      sealed: { position: events, at },
      waiting: null,
      check: { at: expect.any(String), position: events, anchors: 2, fault: null },
    });
    const fault = { kind: "event-missing", position: 2, eventId: "2" };
    await database.prisma.auditCheck.create({
      data: { ...head, anchors: 2, unsealed: 0, durationMs: 5, fault },
    });
    expect((await historyChain(org.deps, admin))?.check?.fault).toBe(
      "Event 2, sealed at position 2, is gone.",
    );
  });
});
