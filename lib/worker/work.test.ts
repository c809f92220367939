import { expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Verb } from "#lib/plan/plan.ts";
import type { RunStep } from "./plan-run.ts";
import { workOf } from "./work.ts";

function step(id: string, kind: string, verb: Verb, dependsOn: string[] = [], done = false): RunStep {
  const resource = { kind, key: id } as CloudResource;
  return {
    id,
    planned: { key: id, verb, resource, dependsOn: [], differences: [] },
    dependsOn,
    done,
    tried: false,
  };
}

/** What a revocation does to a home role with a role that is chained from it. */
const identity = [
  step("home policy", "role-policy", "delete"),
  step("chained policy", "role-policy", "delete"),
  step("chained", "role", "delete", ["chained policy"]),
  step("home", "role", "delete", ["home policy", "chained"]),
  step("provider", "oidc-provider", "delete", ["home"]),
];

function needs(steps: RunStep[]): Record<string, string[]> {
  return Object.fromEntries(workOf(steps).map(({ id, dependsOn }) => [id, [...dependsOn].sort()]));
}

it("cuts all roles off at once, after all policies, before the first role is deleted", () => {
  expect(needs(identity)).toEqual({
    "home policy": [],
    "chained policy": [],
    "chained cut-off": ["chained policy", "home policy"],
    "home cut-off": ["chained policy", "home policy"],
    chained: ["chained cut-off", "chained policy", "home cut-off"],
    home: ["chained", "chained cut-off", "home cut-off", "home policy"],
    provider: ["home"],
  });
});

it("leaves a role that goes alone to its deletion", () => {
  const [policy, , , home, provider] = identity;
  if (!policy || !home || !provider) throw new Error("no steps");
  expect(Object.keys(needs([policy, home, provider]))).toEqual(["home policy", "home", "provider"]);
});

it("does not count what is deleted already, or made", () => {
  const made = [
    step("gone", "role", "delete", [], true),
    step("new", "role", "create"),
    step("one", "role", "delete"),
  ];
  expect(Object.keys(needs(made))).toEqual(["gone", "new", "one"]);
});

it("goes on with one attempt from the first half to the second", () => {
  const halves = workOf(identity).filter((work) => work.step.id === "home");
  expect(halves.map(({ half }) => half)).toEqual(["cut-off", null]);
  expect(halves[0]?.attempt).toBe(halves[1]?.attempt);
});
