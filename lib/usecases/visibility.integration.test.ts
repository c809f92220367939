import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountsView, clustersView } from "#lib/db/queries/estate-views.ts";
import { formOptions, searchTargets } from "#lib/db/queries/form-options.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import { grantList } from "#lib/db/queries/grants.ts";
import { history } from "#lib/db/queries/history.ts";
import { homeView } from "#lib/db/queries/home.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { requestList } from "#lib/db/queries/requests.ts";
import { runsForRequest, runView } from "#lib/db/queries/runs.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { previewRequest } from "./preview-request.ts";
import { showManifest } from "./read-manifest.ts";
import { reviewRequest } from "./review-request.ts";
import { submitRequest } from "./submit-request.ts";
import {
  activate,
  approved,
  createOrganisation,
  data,
  everyRole,
  finishPreflight,
  foreignSid,
  grantProposal,
  mustAccept,
  type Organisation,
  prodEu,
  type Role,
  review,
  sharedBucket,
  submission,
  submitted,
} from "./testing.ts";

let database: TestDatabase;
let org: Organisation;
let all: Awaited<ReturnType<typeof approved>>;

const workload = { cluster: prodEu, namespace: "payments", serviceAccount: "ledger" };

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
  all = await approved(org, { workload }, "payments");
  await activate(database.prisma, all);
});

afterAll(() => database.drop());

/** Who sees a request of the payments team for a target of the data account. */
const sees: Record<Role, boolean> = {
  developer: false,
  payments: true,
  platformOwner: true,
  platformOwner2: true,
  dataOwner: true,
  dataOwner2: true,
  bothOwner: true,
  sharedOwner: false,
  admin: true,
  auditor: true,
  stranger: false,
};

/** Whether they may read other teams' statements in the data account. */
const seesForeign: Record<Role, boolean> = {
  ...sees,
  payments: false,
  platformOwner: false,
  platformOwner2: false,
};

describe.each(everyRole)("what %s sees", (role) => {
  const actor = () => org.people[role];

  it("of a request, alone and in lists", async () => {
    const view = await requestView(org.deps, actor(), all.request.number);
    expect(view !== null).toBe(sees[role]);
    const list = await requestList(org.deps, actor(), {});
    expect(list.items.some((row) => row.number === all.request.number)).toBe(sees[role]);
  });

  it("of its grant, alone and in lists", async () => {
    const view = await grantView(org.deps, actor(), all.grant.id);
    expect(view !== null).toBe(sees[role]);
    const list = await grantList(org.deps, actor(), { state: "live" });
    expect(list.items.some((row) => row.id === all.grant.id)).toBe(sees[role]);
  });

  it("of its run, alone and in lists", async () => {
    expect((await runView(org.deps, actor(), all.run.id)) !== null).toBe(sees[role]);
    const runs = await runsForRequest(org.deps, actor(), all.request.number);
    expect(runs.length > 0).toBe(sees[role]);
  });

  it("of its history", async () => {
    const events = await history(org.deps, actor(), {});
    const mine = actor().id;
    const others = events.items.filter((event) => event.actor.id !== mine);
    expect(others.some((event) => event.requestNumber === all.request.number)).toBe(sees[role]);
  });

  it("of other teams' policies, in a request and in a preview", async () => {
    const view = await requestView(org.deps, actor(), all.request.number);
    if (view) expect(JSON.stringify(view).includes(foreignSid)).toBe(seesForeign[role]);
    const preview = mustAccept(
      await previewRequest(
        org.deps,
        actor(),
        submission({ workload: { ...workload, serviceAccount: "another" } }),
      ),
    );
    const text = JSON.stringify(preview);
    expect(text.includes(foreignSid)).toBe(seesForeign[role]);
    const documents = preview.plan?.accounts
      .flatMap((account) => account.steps)
      .flatMap((step) => step.documents);
    const hidden = documents?.reduce((sum, document) => sum + document.hiddenStatements, 0);
    expect(hidden).toBe(seesForeign[role] ? 0 : 1);
  });

  it("of accounts and clusters", async () => {
    const accounts = await accountsView(org.deps, actor());
    const owned: Partial<Record<Role, number>> = {
      platformOwner: 1,
      platformOwner2: 1,
      dataOwner: 1,
      dataOwner2: 1,
      bothOwner: 2,
      sharedOwner: 1,
      admin: 3,
      auditor: 3,
    };
    expect(accounts).toHaveLength(owned[role] ?? 0);
    expect(accounts.every((account) => (account.externalId !== null) === (role === "admin"))).toBe(true);
    const clusters = await clustersView(org.deps, actor());
    expect(clusters.length > 0).toBe(accounts.some((account) => account.clusters > 0));
  });
});

describe("a preview", () => {
  it("writes nothing and is what submitting makes", async () => {
    const form = submission({ workload: { ...workload, serviceAccount: "preview" } });
    const preview = mustAccept(await previewRequest(org.deps, org.people.developer, form));
    expect(preview.refusals).toEqual([]);
    expect(await database.prisma.request.count()).toBe(1);
    const { number } = mustAccept(await submitRequest(org.deps, org.people.developer, form));
    const view = await requestView(org.deps, org.people.developer, number);
    const verbs = (plan: typeof preview.plan) =>
      plan?.accounts.map((account) => account.steps.map((step) => [step.kind, step.verb]));
    expect(verbs(view?.plan ?? null)).toEqual(verbs(preview.plan));
    expect(view?.digestNow).toBe(view?.version.digest);
    expect(preview.approvals.map((approval) => approval.group).sort()).toEqual([
      "data-owners",
      "payments-team",
      "platform-owners",
    ]);
    expect(preview.targets[0]?.hops.at(0)?.icon).toBe("pod");
    expect(preview.targets[0]?.hops.at(-1)?.icon).toBe("resource");
    expect(preview.snapshotAt).toBe("2026-11-22T10:00:00.000Z");
  });

  it("says what is missing while the form is being typed", async () => {
    const forms = [
      { workload: {}, grants: [], reason: "" },
      { workload: null, grants: [null], reason: null },
      { workload, grants: [{ target: { arn: "", accountId: "" } }], reason: "" },
      { workload: { ...workload, namespace: "Not A Name" }, grants: [], reason: "" },
    ];
    for (const form of forms) {
      const preview = mustAccept(await previewRequest(org.deps, org.people.developer, form));
      expect(preview.refusals.length).toBeGreaterThan(0);
      expect(preview.plan).toBeNull();
    }
  });

  it("judges the finished targets of a form and names the others by their place", async () => {
    const form = { ...submission(), grants: [{}, ...submission().grants] };
    const preview = mustAccept(await previewRequest(org.deps, org.people.developer, form));
    expect(preview.targets[0]?.grant).toBeNull();
    expect(preview.targets[1]?.grant).not.toBeNull();
    expect(preview.refusals.every((one) => one.field.startsWith("grants.0"))).toBe(true);
  });

  it("does not tell a stranger what the service account has otherwise", async () => {
    const grants = [{ ...submission().grants[0], level: "write" }];
    const stranger = await previewRequest(org.deps, org.people.stranger, submission({ workload, grants }));
    expect(mustAccept(stranger).access?.grants).toHaveLength(1);
    const member = await previewRequest(org.deps, org.people.payments, submission({ workload, grants }));
    expect(mustAccept(member).access?.grants).toHaveLength(2);
  });
});

describe("lists", () => {
  it("lead through every request once, page by page, also where times are equal", async () => {
    for (let count = 0; count < 7; count += 1) await submitted(org);
    const numbers: number[] = [];
    let after: string | undefined;
    do {
      const page = await requestList(org.deps, org.people.admin, { limit: 3, after });
      numbers.push(...page.items.map((row) => row.number));
      after = page.next ?? undefined;
    } while (after);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toHaveLength(await database.prisma.request.count());
    const events: string[] = [];
    do {
      const page = await history(org.deps, org.people.admin, { limit: 4, after });
      events.push(...page.items.map((event) => event.id));
      after = page.next ?? undefined;
    } while (after);
    expect(new Set(events).size).toBe(await database.prisma.auditEvent.count());
  });

  it.each(["nonsense", "eA", "%00", Buffer.from("2026-01-01|' OR 1=1").toString("base64url")])(
    "read from the start where the position is %s",
    async (after) => {
      expect((await requestList(org.deps, org.people.admin, { after })).items.length).toBeGreaterThan(0);
      expect((await grantList(org.deps, org.people.admin, { after })).items.length).toBeGreaterThan(0);
      expect((await history(org.deps, org.people.admin, { after })).items.length).toBeGreaterThan(0);
    },
  );

  it("say what awaits whom", async () => {
    const request = await submitted(org);
    const awaiting = async (role: Role) =>
      (await requestList(org.deps, org.people[role], { who: "awaiting-me", limit: 200 })).items.some(
        (row) => row.number === request.number,
      );
    expect(await awaiting("dataOwner")).toBe(true);
    expect(await awaiting("platformOwner")).toBe(true);
    expect(await awaiting("developer")).toBe(false);
    expect(await awaiting("admin")).toBe(false);
    const home = await homeView(org.deps, org.people.dataOwner);
    expect(home.counts.awaitingMe).toBeGreaterThan(0);
    expect(home.counts.active).toBe(1);
  });

  it("find by words and by kind, and take wildcards for what they are", async () => {
    const found = await history(org.deps, org.people.admin, {
      type: "grant",
      accountId: data,
      text: "reports",
    });
    expect(found.items.length).toBeGreaterThan(0);
    expect(found.items.every((event) => event.type.startsWith("grant."))).toBe(true);
    expect((await requestList(org.deps, org.people.admin, { text: "%" })).items).toEqual([]);
    expect(
      (await history(org.deps, org.people.admin, { text: "\0", accountId: "\0", type: "\0" })).items,
    ).not.toEqual([]);
    expect((await grantList(org.deps, org.people.admin, { text: "ledger" })).items).toHaveLength(1);
    expect(await searchTargets(org.deps, org.people.developer, { text: "orders" })).toHaveLength(1);
  });

  it("offer the form everything that is registered", async () => {
    const options = await formOptions(org.deps, org.people.developer);
    expect(options.clusters.map((cluster) => cluster.name)).toEqual(["legacy-eu", "prod-eu"]);
    expect(options.targets).toHaveLength(3);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 40])("have no request %s", async (number) => {
    expect(await requestView(org.deps, org.people.admin, number)).toBeNull();
  });

  it("have no run or grant by a malformed id", async () => {
    expect(await runView(org.deps, org.people.admin, "' OR 1=1")).toBeNull();
    expect(await grantView(org.deps, org.people.admin, "' OR 1=1")).toBeNull();
  });
});

describe("one of several grants of a service account", () => {
  it("does not tell its readers what the others are for", async () => {
    const on = { ...workload, serviceAccount: "several" };
    const pattern = "role-chaining";
    const first = await approved(org, { workload: on, grants: [grantProposal({ pattern })] }, "payments");
    await activate(database.prisma, first);
    const other = grantProposal({ pattern, target: sharedBucket });
    const second = await submitted(org, { workload: on, grants: [other] }, "payments");
    await reviewRequest(org.deps, org.people.platformOwner, review(second));
    await reviewRequest(org.deps, org.people.sharedOwner, review(second));
    expect(await database.prisma.grant.count({ where: { requestId: second.id } })).toBe(1);

    const view = await grantView(org.deps, org.people.dataOwner, first.grant.id);
    const manifest = mustAccept(await showManifest(org.deps, org.people.dataOwner, first.grant.id));
    expect(JSON.stringify([view, manifest])).not.toContain(sharedBucket.arn);
    expect(view?.access?.grants).toHaveLength(1);
    expect(manifest.access.profiles).toHaveLength(2);
  });
});

describe.each(everyRole)("what %s reads of the live check", (role) => {
  it("names other teams' statements to those who see inside the account only", async () => {
    const on = { ...workload, serviceAccount: `checked-${role.toLowerCase()}` };
    const request = mustAccept(
      await submitRequest(org.deps, org.people.payments, submission({ workload: on })),
    );
    const about = { severity: "warning", accountId: data, title: "A Deny", nextStep: "Ask." };
    await finishPreflight(database.prisma, request, [
      { ...about, id: "policy.deny", detail: `"${foreignSid}" denies it.` },
      { ...about, id: "bucket.key", detail: "A key." },
    ]);
    const view = await requestView(org.deps, org.people[role], request.number);
    expect(view !== null).toBe(sees[role]);
    if (!view) return;
    expect(view.preflight.findings.map(({ id }) => id)).toEqual(["policy.deny", "bucket.key"]);
    expect(JSON.stringify(view.preflight).includes(foreignSid)).toBe(seesForeign[role]);
    expect(JSON.stringify(view.preflight)).toContain("A key.");
  });
});
