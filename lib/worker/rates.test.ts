import { expect, it } from "vitest";
import { createRates, type Rates } from "./rates.ts";

/** A clock that stands still but for sleepers: it goes to the next that is to be woken. */
function fakeClock() {
  let time = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  const settle = async () => {
    for (let round = 0; round < 20; round += 1) await Promise.resolve();
  };
  return {
    now: () => time,
    sleep: (ms: number) => new Promise<void>((wake) => void sleepers.push({ at: time + ms, wake })),
    /** Lets so many milliseconds pass. */
    async pass(ms: number) {
      const end = time + ms;
      await settle();
      for (;;) {
        const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        sleepers.splice(sleepers.indexOf(next), 1);
        time = next.at;
        next.wake();
        await settle();
      }
      time = end;
      await settle();
    },
  };
}

const table = { IAM: { perSecond: 10, burst: 5 } };

/** Asks so many times, and tells who got through, in order. */
function asking(
  rates: Rates,
  through: string[],
  sharer: string,
  times: number,
  account = "1",
  service = "IAM",
) {
  for (let count = 0; count < times; count += 1)
    void rates.take(account, service, sharer).then(() => through.push(sharer));
}

it("lets a burst through at once and then keeps to the rate", async () => {
  const clock = fakeClock();
  const rates = createRates(clock, table);
  const through: string[] = [];
  asking(rates, through, "a", 30);
  await clock.pass(0);
  expect(through).toHaveLength(5);
  await clock.pass(1_000);
  expect(through).toHaveLength(15);
  await clock.pass(1_500);
  expect(through).toHaveLength(30);
  // A quiet time fills the bucket again, and no further.
  await clock.pass(60_000);
  asking(rates, through, "a", 30);
  await clock.pass(0);
  expect(through).toHaveLength(35);
});

it("lets runs take turns, whoever asked first or more often", async () => {
  const clock = fakeClock();
  const rates = createRates(clock, table);
  const through: string[] = [];
  asking(rates, through, "big", 100);
  await clock.pass(0);
  asking(rates, through, "small", 3);
  asking(rates, through, "other", 3);
  await clock.pass(1_000);
  const after = through.slice(5);
  expect(after.filter((sharer) => sharer === "small")).toHaveLength(3);
  expect(after.filter((sharer) => sharer === "other")).toHaveLength(3);
  expect(after.filter((sharer) => sharer === "big")).toHaveLength(4);
  expect(after.slice(0, 3).sort()).toEqual(["big", "other", "small"]);
});

it("keeps accounts and services apart", async () => {
  const clock = fakeClock();
  const rates = createRates(clock, { ...table, EKS: { perSecond: 1, burst: 1 } });
  const through: string[] = [];
  asking(rates, through, "a", 50);
  asking(rates, through, "b", 5, "2");
  asking(rates, through, "c", 1, "1", "EKS");
  asking(rates, through, "d", 1, "1", "A service without a row");
  await clock.pass(0);
  expect(through.filter((one) => one === "b")).toHaveLength(5);
  expect(through).toContain("c");
  expect(through).toContain("d");
});

it("halves its rate when AWS throttles, once for calls that were on their way together, and recovers", async () => {
  const clock = fakeClock();
  const rates = createRates(clock, table);
  const through: string[] = [];
  asking(rates, through, "a", 1_000);
  await clock.pass(0);
  for (let count = 0; count < 8; count += 1) rates.throttled("1", "IAM");
  through.length = 0;
  await clock.pass(1_000);
  expect(through.length).toBeGreaterThanOrEqual(4);
  expect(through.length).toBeLessThanOrEqual(6);
  rates.throttled("1", "IAM");
  through.length = 0;
  await clock.pass(1_000);
  expect(through.length).toBeLessThanOrEqual(4);
  await clock.pass(20_000);
  through.length = 0;
  await clock.pass(1_000);
  expect(through).toHaveLength(10);
});

it("never stands still, however often AWS throttles", async () => {
  const clock = fakeClock();
  const rates = createRates(clock, table);
  const through: string[] = [];
  asking(rates, through, "a", 1_000);
  for (let count = 0; count < 60; count += 1) {
    await clock.pass(1_000);
    rates.throttled("1", "IAM");
  }
  through.length = 0;
  await clock.pass(5_000);
  expect(through.length).toBeGreaterThan(0);
});

it("takes its part of the limits where other workers have runs too", async () => {
  const clock = fakeClock();
  const rates = createRates(clock, { IAM: { perSecond: 10, burst: 4 } });
  const through: string[] = [];
  rates.sharedBy(2);
  asking(rates, through, "a", 30);
  await clock.pass(0);
  expect(through).toHaveLength(4);
  await clock.pass(1_000);
  expect(through).toHaveLength(9);
  // The other has ended.
  rates.sharedBy(1);
  await clock.pass(1_000);
  expect(through.length).toBeGreaterThanOrEqual(18);
  rates.sharedBy(0);
  await clock.pass(2_000);
  expect(through).toHaveLength(30);
});
