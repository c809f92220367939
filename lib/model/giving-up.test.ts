import { describe, expect, it } from "vitest";
import { accountsLeft, leftBehind, type StepEnd } from "./giving-up.ts";
import type { StepState } from "./states.ts";

const step = (
  key: string,
  state: StepState,
  accountId = "111122223333",
  owners: string[] = ["one"],
): StepEnd => ({
  state,
  resource: { accountId, key, owners },
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
    const role = { accountId: "111122223333", key: "role", title: "the role" };
    const found = leftBehind([step("role", state), step("other", "failed")]);
    expect(found.filter(({ key }) => key === "role")).toEqual(left ? [role] : []);
  });

  it("is any of it, where all was done and is there all the same", () => {
    expect(leftBehind([step("a", "succeeded"), step("b", "skipped")])).toHaveLength(2);
  });

  it.each<[string, string[]]>([
    ["one", ["a", "shared"]],
    ["two", ["b", "shared"]],
    ["three", ["a", "b", "shared"]],
  ])("is of access %s what is its own, or all where nothing is", (grantId, keys) => {
    const steps = [
      step("a", "failed", "111122223333", ["one"]),
      step("b", "failed", "111122223333", ["two"]),
      step("shared", "pending", "111122223333", ["one", "two"]),
    ];
    expect(leftBehind(steps, grantId).map(({ key }) => key)).toEqual(keys);
  });

  it.each<[string, StepState[], number]>([
    ["nothing, where it went at a second attempt", ["failed", "succeeded"], 0],
    ["the resource, where it was there again", ["succeeded", "pending"], 1],
  ])("is %s", (_what, states, count) => {
    const steps = [step("other", "failed"), ...states.map((state) => step("role", state))];
    expect(leftBehind(steps)).toHaveLength(count + 1);
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
