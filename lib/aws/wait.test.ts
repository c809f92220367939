import { describe, expect, it } from "vitest";
import { NotVisibleError } from "./errors.ts";
import { createWait } from "./wait.ts";

const notYet = () => Object.assign(new Error("Invalid principal in policy"), { name: "MalformedPolicy" });

/** A clock that only sleeping moves. */
function virtualClock() {
  let time = 0;
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    time += ms;
  };
  return { now: () => time, sleep, slept };
}

describe("untilVisible", () => {
  it("asks at once and takes the first answer", async () => {
    const clock = virtualClock();
    let calls = 0;
    const answer = await createWait(clock).untilVisible(async () => {
      calls += 1;
      if (calls < 4) throw notYet();
      return "there";
    });
    expect([answer, calls, clock.slept]).toEqual(["there", 4, [250, 500, 1000]]);
  });

  it("gives up at the deadline, with AWS's words", async () => {
    const clock = virtualClock();
    const waiting = createWait({ ...clock, deadlineMs: 10_000 }).untilVisible(async () => {
      throw notYet();
    });
    await expect(waiting).rejects.toThrow(NotVisibleError);
    await expect(waiting).rejects.toThrow(/Invalid principal in policy.*10 s/);
    expect(clock.now()).toBe(10_000);
  });

  it("passes every other error through at once", async () => {
    const clock = virtualClock();
    const denied = Object.assign(new Error("no"), { name: "AccessDenied" });
    await expect(createWait(clock).untilVisible(() => Promise.reject(denied))).rejects.toBe(denied);
    expect(clock.slept).toEqual([]);
  });

  it("ends when the lease is lost", async () => {
    const abort = new AbortController();
    const waiting = createWait({ signal: abort.signal }).untilVisible(async () => {
      throw notYet();
    });
    abort.abort(new Error("lease lost"));
    await expect(waiting).rejects.toThrow("lease lost");
  });
});
