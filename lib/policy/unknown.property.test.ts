import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateTrust, type PolicySet, type UnreadPolicy } from "./evaluate.ts";
import { places, worlds } from "./testing/random-policies.ts";

/** Keys of the random conditions, and what a request may turn out to have for them. */
const keys = ["aws:PrincipalTag/team", "aws:x", "aws:TagKeys", "aws:SecureTransport"];
const turnsOut = fc.record(
  Object.fromEntries(
    keys.map((key) => [
      key,
      fc.constantFrom<string | string[]>("reports", "hr", "a", "true", "", ["a"], ["a", "b"], ["c", "a"]),
    ]),
  ),
  { requiredKeys: [] },
);

describe.each(worlds)("$name", ({ decide, requests, policies, statementFor }) => {
  it("is right about what is not known, whatever it turns out to be", () => {
    let unknown = 0;
    fc.assert(
      fc.property(requests, policies, turnsOut, fc.subarray(keys), (request, set, facts, unknownKeys) => {
        const known = Object.fromEntries(
          Object.entries(facts).filter(([key]) => !unknownKeys.includes(key)),
        ) as Record<string, string | string[]>;
        // Of those that turn out to have one value, it is known to be one of two.
        const possibleValues = Object.fromEntries(
          Object.entries(facts).flatMap(([key, value]) =>
            typeof value === "string" ? [[key, [value, "reports"]]] : [],
          ),
        );
        const guess = decide({ ...request, context: known, unknownKeys, possibleValues }, set);
        const truth = decide({ ...request, context: facts as Record<string, string | string[]> }, set);
        expect(truth.effect).not.toBe("unknown");
        if (guess.effect !== "unknown") {
          expect(guess.effect === "allow").toBe(truth.effect === "allow");
        } else {
          unknown += 1;
          expect(guess.dependsOn?.length).toBeGreaterThan(0);
          expect(unknownKeys).toEqual(expect.arrayContaining(guess.dependsOn ?? []));
        }
      }),
      { numRuns: 2000 },
    );
    // Else the test would say nothing.
    expect(unknown).toBeGreaterThan(10);
  });

  it("is right about policies that were not read, whatever they say", () => {
    let unknown = 0;
    fc.assert(
      fc.property(
        requests,
        policies,
        fc
          .constantFrom(...places)
          .chain((place) => fc.tuple(fc.constant(place), fc.array(statementFor(place), { maxLength: 3 }))),
        (request, set, [place, Statement]) => {
          const { [place]: _, ...without } = set;
          const kind = place === "resource" && decide === evaluateTrust ? "trust" : kindOf[place];
          const unread: UnreadPolicy[] = [{ kind, name: "what nobody read" }];
          const guess = decide(request, { identity: [], ...without, unread });
          const one = { name: "what nobody read", document: { Version: "2012-10-17" as const, Statement } };
          const found: PolicySet["identity"] | PolicySet["boundary"] =
            place === "boundary" || place === "resource" ? one : [one];
          const truth = decide(request, { identity: [], ...without, [place]: found });
          if (guess.effect === "unknown") {
            unknown += 1;
            expect(guess.dependsOn).toContain("what nobody read");
          } else {
            expect(guess.effect).not.toBe("allow");
            expect(truth.effect).not.toBe("allow");
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(unknown).toBeGreaterThan(10);
  });
});

const kindOf = {
  identity: "identity",
  boundary: "boundary",
  session: "session",
  resource: "resource",
  scps: "scp",
  rcps: "rcp",
} as const;
