import { describe, expect, it } from "vitest";
import { accountsLeft, leftBehind, type StepEnd } from "./giving-up.ts";
import type { StepState } from "./states.ts";

const step = (key: string, state: StepState, accountId = "111122223333"): StepEnd => ({
  state,
  resource: { accountId, key },
  title: `the ${key}`,
});

describe("what a revocation has left behind", () => {
  it.each<[StepState, boolean]>([
    ["succeeded", false],
    ["skipped", false],
    ["failed", true],
    ["pending", true],
    ["running", true],
  ])("of a resource whose step is %s: %s", (state, left) => {
    expect(leftBehind([step("role", state)])).toEqual(
      left ? [{ accountId: "111122223333", key: "role", title: "the role" }] : [],
    );
  });

  it.each<[string, StepState[], number]>([
    ["nothing, where it went at a second attempt", ["failed", "succeeded"], 0],
    ["the resource, where it was there again", ["succeeded", "pending"], 1],
  ])("is %s", (_what, states, count) => {
    expect(leftBehind(states.map((state) => step("role", state)))).toHaveLength(count);
  });

  it("stands account by account", () => {
    const steps = [step("b", "failed", "444455556666"), step("c", "failed"), step("a", "failed")];
    expect(leftBehind(steps).map(({ key }) => key)).toEqual(["a", "c", "b"]);
  });
});

describe("what has to be typed to give a revocation up", () => {
  const accountIds = ["444455556666", "111122223333"];
  it.each<[string, StepEnd[], string]>([
    ["is the account in which something is left", [step("a", "failed"), step("b", "failed")], "111122223333"],
    [
      "are all of them",
      [step("a", "failed", "444455556666"), step("b", "failed")],
      "111122223333 444455556666",
    ],
    ["are the access's accounts where nothing was planned", [], "111122223333 444455556666"],
  ])("%s", (_what, steps, typed) => {
    expect(accountsLeft(leftBehind(steps), accountIds)).toBe(typed);
  });
});
