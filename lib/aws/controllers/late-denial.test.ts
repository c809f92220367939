import { describe, expect, it } from "vitest";
import { createWait } from "../wait.ts";
import { pastLateDenials } from "./late-denial.ts";

const denied = Object.assign(new Error("not authorized to perform: iam:GetRolePolicy"), {
  name: "AccessDenied",
});
const noEntry = Object.assign(new Error("not authorized to perform: sts:AssumeRole on resource: x"), {
  name: "AccessDenied",
});
const throttled = Object.assign(new Error("Rate exceeded"), { name: "Throttling" });

/** Answers with these errors in turn, then well. */
function looking(...errors: Error[]) {
  const pauses: number[] = [];
  let looks = 0;
  const wait = createWait({
    sleep: async (ms) => {
      pauses.push(ms);
    },
  });
  const look = async () => {
    const error = errors[looks];
    looks += 1;
    if (error) throw error;
    return "seen";
  };
  return { answer: pastLateDenials(wait, look), pauses, looks: () => looks };
}

describe("a denial beside a role that was just made or deleted", () => {
  it("is waited out", async () => {
    const { answer, pauses } = looking(denied, denied);
    expect(await answer).toBe("seen");
    expect(pauses).toEqual([250, 500]);
  });

  it("is believed when it stays", async () => {
    const { answer, looks, pauses } = looking(...Array.from({ length: 99 }, () => denied));
    await expect(answer).rejects.toBe(denied);
    expect(looks()).toBe(12);
    const waited = pauses.reduce((all, ms) => all + ms, 0);
    expect(waited).toBeGreaterThan(30_000);
    expect(waited).toBeLessThan(40_000);
  });

  it.each([
    ["throttling", throttled],
    // Of an account that was closed, say, whose revocations are tried again and again.
    ["an account that nobody may enter", noEntry],
  ])("is the only thing that is looked at again: not %s", async (_, error) => {
    const { answer, looks } = looking(error);
    await expect(answer).rejects.toBe(error);
    expect(looks()).toBe(1);
  });
});
