import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimiter } from "#lib/auth/rate-limit.ts";
import { audit } from "./audit.ts";
import { sealHistory, verifyHistory } from "./audit-chain.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";
import { asRoles, type RoleDatabases } from "./testing-roles.ts";

let database: TestDatabase;
let roles: RoleDatabases;
beforeAll(async () => {
  database = await createTestDatabase();
  roles = await asRoles(database);
});
afterAll(async () => {
  await roles.drop();
  await database.drop();
});

const both = ["web", "worker"] as const;
const history = { AuditEvent: "type", AuditSeal: "hash", AuditCheck: "hash" };
const kept = ["Request", "RequestVersion", "Review", "Grant", "Run", "Step", "AwsCall", "Verification"];

const refused: ["web" | "worker", string][] = [
  ...both.flatMap((role) =>
    [
      ...Object.entries(history).flatMap(([table, column]) => [
        `UPDATE "${table}" SET "${column}" = "${column}"`,
        `DELETE FROM "${table}"`,
        `TRUNCATE "${table}"`,
        `ALTER TABLE "${table}" DISABLE TRIGGER ALL`,
        `DROP TABLE "${table}"`,
      ]),
      ...kept.map((table) => `DELETE FROM "${table}"`),
      "SET session_replication_role = replica",
      "CREATE TABLE mine (id int)",
      `DELETE FROM "_prisma_migrations"`,
    ].map((sql): [typeof role, string] => [role, sql]),
  ),
  // Who writes history does not seal it.
  ["web", `INSERT INTO "AuditSeal" VALUES (1, 1, repeat('0', 64))`],
  [
    "web",
    `INSERT INTO "AuditCheck" ("position", "hash", "anchors", "unsealed", "durationMs") VALUES (1, '', 0, 0, 0)`,
  ],
  // Who carries out decides nothing.
  ["worker", `INSERT INTO "Review" SELECT * FROM "Review"`],
  ["worker", `INSERT INTO "RequestVersion" SELECT * FROM "RequestVersion"`],
  ["worker", `INSERT INTO "Membership" SELECT * FROM "Membership"`],
  ["worker", `UPDATE "Person" SET "roles" = '{admin}'`],
];

describe("the roles of web and worker", () => {
  it.each(refused)("refuse %s: %s", async (role, sql) => {
    await expect(roles[role].pool.query(sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it("let both write history, and the worker seal and check it", async () => {
    for (const role of both)
      await audit(
        roles[role].prisma,
        { type: "person.signed-out", data: {} },
        { actor: null, accountIds: [], correlationId: role, at: new Date() },
      );
    expect(await sealHistory(roles.worker.prisma)).toMatchObject({ sealed: 2 });
    expect(await verifyHistory(roles.web.prisma, [])).toMatchObject({ fault: null, unsealed: 0 });
  });

  it("let the web count for its limits", async () => {
    expect((await createLimiter(roles.web.pool)("submit", ["person:a"])).ok).toBe(true);
    const { rows } = await database.pool.query("SELECT count(*)::int AS count FROM rate_limit");
    expect(rows).toEqual([{ count: 1 }]);
  });

  it("say of every table who writes to it", async () => {
    const { rows } = await database.pool.query<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
        SELECT 1 FROM aclexplode(c.relacl) a
        WHERE a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE'))`);
    expect(rows.map(({ name }) => name)).toEqual(["_prisma_migrations"]);
  });
});
