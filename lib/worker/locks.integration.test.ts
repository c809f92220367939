import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { createLocks, LostLock } from "./locks.ts";

let db: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  db = await createTestDatabase();
  pool = new Pool({ connectionString: db.url, max: 8 });
  pool.on("error", () => {});
});
afterAll(async () => {
  await pool.end();
  await db.drop();
});

const never = new AbortController().signal;

async function aRun(fence: number): Promise<string> {
  const { id } = await db.prisma.run.create({
    data: { kind: "provision", state: "running", grantIds: [], authorisation: {}, fence },
  });
  return id;
}

describe("locks", () => {
  it("let one work on a resource at a time, and others on other resources", async () => {
    const locks = createLocks(pool);
    const id = await aRun(1);
    let inside = 0;
    let most = 0;
    const four = (name: (nth: number) => string, work: () => Promise<unknown>) =>
      Promise.all(
        [1, 2, 3, 4].map((nth) =>
          locks.withLock(name(nth), { id, fence: 1 }, never, async () => {
            inside += 1;
            most = Math.max(most, inside);
            await work();
            inside -= 1;
          }),
        ),
      );
    await four(
      () => "same",
      () => new Promise((resolve) => setTimeout(resolve, 20)),
    );
    expect(most).toBe(1);
    // None leaves before there were two.
    await four(
      (nth) => `other ${nth}`,
      () => expect.poll(() => most).toBeGreaterThan(1),
    );
  });

  it("are given back when the work fails", async () => {
    const locks = createLocks(pool);
    const holder = { id: await aRun(1), fence: 1 };
    const fails = locks.withLock("failing", holder, never, () => Promise.reject(new Error("no")));
    await expect(fails).rejects.toThrow("no");
    expect(await locks.ifFree("failing", async () => {})).toBe(true);
  });

  it("are taken from a worker whose run was taken over, and it learns of it", async () => {
    const id = await aRun(1);
    let told: unknown;
    const frozen = createLocks(pool).withLock(
      "frozen",
      { id, fence: 1 },
      never,
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            told = signal.reason;
            reject(signal.reason);
          });
        }),
    );
    const ended = frozen.catch(() => {});
    await expect.poll(() => createLocks(pool).ifFree("frozen", async () => {})).toBe(false);
    await db.prisma.run.update({ where: { id }, data: { fence: 2 } });
    const next = await createLocks(pool).withLock("frozen", { id, fence: 2 }, never, async () => "mine");
    expect(next).toBe("mine");
    await ended;
    expect(told).toBeInstanceOf(LostLock);
  });

  it("are not taken from a worker whose lease stands", async () => {
    const id = await aRun(1);
    const locks = createLocks(pool);
    const holds = locks.withLock("held", { id, fence: 1 }, never, async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return signal.aborted;
    });
    await expect.poll(() => locks.ifFree("held", async () => {})).toBe(false);
    const other = { id: await aRun(1), fence: 1 };
    await locks.withLock("held", other, never, async () => {});
    expect(await holds).toBe(false);
  });
});
