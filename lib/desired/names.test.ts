import fc from "fast-check";
import { expect, it } from "vitest";
import { roleName } from "./names.ts";
import { namesApart } from "./testing/names-apart.ts";
import { workload } from "./testing/organisation.ts";

it("two workloads have the same names in AWS exactly when they are one", () => {
  fc.assert(namesApart, { numRuns: 5_000 });
});

it("a long name is cut before the hash, never in it", () => {
  const [one, other] = ["x", "y"].map((end) => workload({ serviceAccount: `${"s".repeat(80)}${end}` }));
  const names = [one, other].map((each) => each && roleName(each, "identity"));
  expect(names[0]?.slice(0, 47)).toBe(names[1]?.slice(0, 47));
  expect(names[0]).not.toBe(names[1]);
});
