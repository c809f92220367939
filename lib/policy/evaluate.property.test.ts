import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import type { Decision } from "./evaluate.ts";
import { add, additions, changed, places, worlds } from "./testing/random-policies.ts";

const allowed = (decision: Decision) => decision.effect === "allow";

describe.each(worlds)("$name", ({ decide, requests, policies, statementFor }) => {
  it("is tested on requests of which many are allowed and many are not", () => {
    const effects = fc
      .sample(fc.tuple(requests, policies), { numRuns: 800, seed: 1 })
      .map((one) => decide(...one).effect);
    for (const effect of ["allow", "explicit-deny", "implicit-deny"])
      expect(effects.filter((one) => one === effect).length).toBeGreaterThan(30);
  });

  it("never widens by a Deny", () => {
    fc.assert(
      fc.property(requests, policies, additions(statementFor), (request, set, { place, statement }) => {
        const after = decide(request, changed(set, place, add({ ...statement, Effect: "Deny" })));
        expect(allowed(after) && !allowed(decide(request, set))).toBe(false);
      }),
      { numRuns: 800 },
    );
  });

  it("never narrows by an Allow", () => {
    fc.assert(
      fc.property(requests, policies, additions(statementFor), (request, set, { place, statement }) => {
        const after = decide(request, changed(set, place, add({ ...statement, Effect: "Allow" })));
        expect(allowed(decide(request, set)) && !allowed(after)).toBe(false);
      }),
      { numRuns: 800 },
    );
  });

  it("doesn't mind the order of statements", () => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const reversed = places.reduce(
          (all, place) =>
            changed(all, place, (document) => ({
              ...document,
              Statement: statementsOf(document).toReversed(),
            })),
          set,
        );
        expect(decide(request, reversed).effect).toBe(decide(request, set).effect);
      }),
      { numRuns: 800 },
    );
  });

  it("allows nothing that an explicit Deny matched, and nothing without an Allow but to root", () => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const { effect: result, trace } = decide(request, set);
        if (result !== "allow") return;
        const matched = trace.filter((statement) => statement.matched);
        expect(matched.every((statement) => statement.effect === "Allow")).toBe(true);
        const granted = matched.some((statement) =>
          ["identity", "resource", "trust"].includes(statement.kind),
        );
        expect(granted || request.principal.kind === "root").toBe(true);
      }),
      { numRuns: 800 },
    );
  });

  it("doesn't mind whether a value stands alone or in a list of one", () => {
    same(everyStatement((statement) => [mapValues(statement, (value) => [value])]));
  });

  it("doesn't mind a statement that is there twice", () => {
    same(everyStatement((statement) => [statement, { ...statement }]));
  });

  it("takes a statement with several actions for one each", () => {
    same(
      everyStatement((statement) =>
        listOf(statement.Action).length === 0
          ? [statement]
          : listOf(statement.Action).map((Action) => ({ ...statement, Action })),
      ),
    );
  });

  it("doesn't mind the case of actions and of condition keys", () => {
    same(
      everyStatement((statement) => [
        {
          ...statement,
          Action: listOf(statement.Action).map((action) => action.toUpperCase()),
          Condition: Object.fromEntries(
            Object.entries(statement.Condition ?? {}).map(([operator, keys]) => [
              operator,
              Object.fromEntries(Object.entries(keys).map(([key, value]) => [key.toUpperCase(), value])),
            ]),
          ),
        },
      ]),
    );
  });

  it("doesn't mind a statement about something else", () => {
    const Action = "dynamodb:GetItem";
    fc.assert(
      fc.property(requests, policies, additions(statementFor), (request, set, { place, statement }) => {
        const after = changed(set, place, add({ ...statement, Action }));
        expect(decide(request, after).effect).toBe(decide(request, set).effect);
      }),
      { numRuns: 800 },
    );
  });

  it("decides the same about everybody under other names", () => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const { effect, reason } = decide(request, set);
        const other = decide(renamed(request), renamed(set));
        expect({ effect: other.effect, reason: other.reason }).toEqual({ effect, reason: renamed(reason) });
      }),
      { numRuns: 800 },
    );
  });

  it.each(["boundary", "session", "scps", "rcps"] as const)("is only ever narrowed by %s", (place) => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const { [place]: _, ...without } = set;
        expect(allowed(decide(request, set)) && !allowed(decide(request, without))).toBe(false);
      }),
      { numRuns: 800 },
    );
  });

  it("decides the same when it explains", () => {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const { effect, reason, trace } = decide(request, set);
        const explained = decide(request, set, { explain: true });
        expect(explained).toMatchObject({ effect, reason });
        for (const [at, { elements = [], mismatch, matched }] of explained.trace.entries()) {
          expect({ matched, mismatch }).toEqual({
            matched: trace[at]?.matched,
            mismatch: trace[at]?.mismatch,
          });
          if (mismatch !== undefined) expect(elements).toContainEqual(mismatch);
        }
      }),
      { numRuns: 1000 },
    );
  });

  function same(change: (document: PolicyDocument) => PolicyDocument): void {
    fc.assert(
      fc.property(requests, policies, (request, set) => {
        const after = places.reduce((all, place) => changed(all, place, change), set);
        expect(decide(request, after).effect).toBe(decide(request, set).effect);
      }),
      { numRuns: 800 },
    );
  }
});

function everyStatement(
  change: (statement: Statement) => Statement[],
): (document: PolicyDocument) => PolicyDocument {
  return (document) => ({ ...document, Statement: statementsOf(document).flatMap(change) });
}

/** The statement with every value that stands alone changed. */
function mapValues(statement: Statement, change: (value: string) => string[]): Statement {
  const all = (value: unknown): unknown =>
    typeof value === "string"
      ? change(value)
      : Array.isArray(value) || typeof value !== "object" || value === null
        ? value
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, all(inner)]));
  const { Effect, Principal, ...rest } = statement;
  const named = Principal === undefined || Principal === "*" ? Principal : all(Principal);
  return { ...(all(rest) as Statement), Effect, ...(named === undefined ? {} : { Principal: named as "*" }) };
}

const otherNames: [string, string][] = [
  ["111122223333", "999900001111"],
  ["444455556666", "888800002222"],
  ["AROASRC0000000000001", "AROAXYZ0000000000009"],
  ["AIDAANN0000000000001", "AIDAXYZ0000000000009"],
  ["role/src", "role/renamed"],
  ["assumed-role/src/pod", "assumed-role/renamed/another"],
  ["user/ann", "user/zoe"],
  ["sns.amazonaws.com", "events.amazonaws.com"],
];

function renamed<T extends string | object>(value: T): T {
  const text = otherNames.reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(value));
  return JSON.parse(text) as T;
}
