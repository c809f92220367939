import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import type { WebEnv } from "#lib/env.ts";
import { clientAddress, createLimiter, limits } from "./rate-limit.ts";
import { endSession, groupsOf, type SessionDeps, sessionActor, signInByIdentity } from "./sessions.ts";
import { authConfig, sessionCookie } from "./settings.ts";

let database: TestDatabase;
let roles: RoleDatabases;
let now = new Date("2026-11-22T10:00:00Z");
let deps: SessionDeps;

beforeAll(async () => {
  database = await createTestDatabase();
  roles = await asRoles(database);
  deps = { prisma: roles.web.prisma, now: () => now, correlationId: randomUUID };
});

afterAll(async () => {
  await roles.drop();
  await database.drop();
});

const identity = (changes: object = {}) => ({
  issuer: "https://login.example.com",
  subject: String(randomUUID()),
  name: "Ada",
  email: "ada@example.com",
  groups: [] as unknown,
  ...changes,
});

const actorAfter = async (given: ReturnType<typeof identity>) =>
  sessionActor(deps, await signInByIdentity(deps, given));

describe("signing in", () => {
  it("makes groups exactly what the claim says, each time", async () => {
    const ada = identity({ groups: ["data-owners", "readers"] });
    expect((await actorAfter(ada))?.groups).toEqual(["data-owners", "readers"]);
    expect((await actorAfter({ ...ada, groups: ["readers"] }))?.groups).toEqual(["readers"]);
  });

  it.each([undefined, null, "drawbridge-admins", { 0: "drawbridge-admins" }, 7])(
    "takes all groups away when the claim is %j",
    async (groups) => {
      const ada = identity({ groups: ["drawbridge-admins"] });
      expect((await actorAfter(ada))?.roles).toContain("admin");
      const later = await actorAfter({ ...ada, groups });
      expect(later?.groups).toEqual([]);
      expect(later?.roles).toEqual(["developer"]);
    },
  );

  it("passes over what is no name of a group", () => {
    expect(groupsOf(["a", 1, null, "", { b: 1 }, "a", "x".repeat(201)])).toEqual(["a"]);
  });

  it("never takes two identities for one person, whatever their email address", async () => {
    const ada = identity();
    const people = [
      ada,
      { ...ada, subject: randomUUID() },
      { ...ada, issuer: "https://evil.example" },
      { ...ada, subject: ada.subject.toUpperCase() },
      { ...ada, issuer: "https://LOGIN.example.com" },
    ];
    const ids = await Promise.all(people.map(async (one) => (await actorAfter(one))?.id));
    expect(new Set(ids).size).toBe(people.length);
    expect((await actorAfter(ada))?.id).toBe(ids[0]);
  });

  it("makes owners of accounts approvers, and drops roles that are only in the row", async () => {
    await database.prisma.group.create({ data: { name: "owners" } });
    await database.prisma.account.create({
      data: {
        id: "111122223333",
        name: "one",
        partition: "aws",
        environment: "production",
        ownerGroup: "owners",
        regions: [],
        provisionerRoleArn: "",
        externalId: "",
        boundaryArn: "",
      },
    });
    const ada = identity({ groups: ["owners"] });
    const actor = await actorAfter(ada);
    expect(actor?.roles).toEqual(["developer", "approver"]);
    await database.prisma.person.update({ where: { id: actor?.id ?? "" }, data: { roles: ["admin"] } });
    expect((await actorAfter(ada))?.roles).toEqual(["developer", "approver"]);
  });
});

describe("a session", () => {
  it("is a new one at each sign-in, and ends on the server", async () => {
    const ada = identity();
    const first = await signInByIdentity(deps, ada);
    const second = await signInByIdentity(deps, ada);
    expect(first).not.toBe(second);
    await endSession(deps, first);
    await endSession(deps, first);
    expect(await sessionActor(deps, first)).toBeNull();
    expect(await sessionActor(deps, second)).not.toBeNull();
    const events = await database.prisma.auditEvent.findMany({ where: { type: "person.signed-out" } });
    expect(events).toHaveLength(1);
  });

  it("ends when its time is over, however much it is used", async () => {
    const id = await signInByIdentity(deps, identity());
    const start = now;
    now = new Date(start.getTime() + 12 * 3_600_000 - 1);
    expect(await sessionActor(deps, id)).not.toBeNull();
    now = new Date(start.getTime() + 12 * 3_600_000);
    expect(await sessionActor(deps, id)).toBeNull();
    now = start;
  });

  it("is nobody's when it does not exist", async () => {
    expect(await sessionActor(deps, randomUUID())).toBeNull();
  });
});

describe("the settings of next-auth", () => {
  const env = (changes: Partial<WebEnv> = {}): WebEnv => ({
    DATABASE_URL: "",
    APP_URL: "https://drawbridge.example.com",
    INSTALLATION_ID: "test",
    AUTH_SECRET: "x".repeat(32),
    SIGNING_KEY: "x".repeat(32),
    AUTH_OIDC_GROUPS_CLAIM: "groups",
    DRAWBRIDGE_AWS: "aws",
    LOG_LEVEL: "info",
    ...changes,
  });
  const oidc = {
    AUTH_OIDC_ISSUER: "https://login.example.com",
    AUTH_OIDC_CLIENT_ID: "id",
    AUTH_OIDC_CLIENT_SECRET: "secret",
  };
  const sandbox = {
    DRAWBRIDGE_AWS: "sandbox",
    DRAWBRIDGE_SANDBOX_ENDPOINT: "http://127.0.0.1:4566",
  } as const;

  it.each([
    ["nothing", {}, 0],
    ["single sign-on", oidc, 1],
    ["the demo", sandbox, 1],
    ["both", { ...oidc, ...sandbox }, 2],
    ["a sandbox elsewhere", { ...sandbox, DRAWBRIDGE_SANDBOX_ENDPOINT: "http://10.0.0.1" }, 0],
  ])("with %s offer as many ways to sign in", (_, changes, count) => {
    expect(authConfig(env(changes), deps).providers).toHaveLength(count);
  });

  it("ask for PKCE, state and nonce", () => {
    const [provider] = authConfig(env(oidc), deps).providers;
    expect(provider).toMatchObject({ type: "oidc", checks: ["pkce", "state", "nonce"] });
  });

  it("bind the cookie to the host where there is https", () => {
    expect(sessionCookie("https://x.example")).toEqual({ name: "__Host-drawbridge.session", secure: true });
    expect(sessionCookie("http://localhost:3000")).toEqual({ name: "drawbridge.session", secure: false });
    const cookie = authConfig(env(), deps).cookies?.sessionToken;
    expect(cookie?.options).toMatchObject({ httpOnly: true, sameSite: "lax", secure: true });
  });
});

describe("rate limits", () => {
  it("count in the database, for each key and kind apart", async () => {
    const [one, two] = [createLimiter(database.pool), createLimiter(database.pool)];
    const { points } = limits.submit;
    for (let count = 0; count < points; count += 1)
      expect((await (count % 2 ? one : two)("submit", ["person:a"])).ok).toBe(true);
    const over = await one("submit", ["person:a"]);
    expect(over).toMatchObject({ ok: false, refusals: [{ code: "rate-limit" }] });
    expect((await two("submit", ["person:b"])).ok).toBe(true);
    expect((await one("report", ["person:a"])).ok).toBe(true);
  });

  it("take the address that the nearest proxy saw", () => {
    expect(clientAddress("1.1.1.1, 2.2.2.2")).toBe("2.2.2.2");
    expect(clientAddress(null)).toBe("unknown");
  });
});
