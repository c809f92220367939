import { describe, expect, it } from "vitest";
import { canMove, isTerminal, type Machine, statesBefore, transitions } from "./states.ts";

/** Every pair of states, with the moves written out again: the table can't change by accident. */
const expected: Record<Machine, string> = {
  request: `in_review>approved in_review>changes_requested in_review>rejected in_review>withdrawn in_review>lapsed
    changes_requested>in_review changes_requested>withdrawn changes_requested>lapsed`,
  grant: `pending>provisioning pending>revoked provisioning>active provisioning>failed provisioning>revoking
    active>revoking revoking>revoked revoking>failed failed>provisioning failed>revoking failed>given_up
    given_up>revoking`,
  run: "queued>running queued>cancelled running>succeeded running>failed running>cancelled failed>queued",
  step: "pending>running pending>skipped running>succeeded running>failed running>pending failed>pending",
};

describe.each(Object.keys(transitions) as Machine[])("%s", (machine) => {
  const states = Object.keys(transitions[machine]) as never[];
  const allowed = new Set(expected[machine].split(/\s+/));

  it.each(states.flatMap((from) => states.map((to) => [from, to] as const)))("%s > %s", (from, to) => {
    expect(canMove(machine, from, to)).toBe(allowed.has(`${from}>${to}`));
    expect(statesBefore(machine, to).includes(from)).toBe(allowed.has(`${from}>${to}`));
  });

  it("is final exactly where nothing follows", () => {
    for (const state of states)
      expect(isTerminal(machine, state)).toBe(![...allowed].some((move) => move.startsWith(`${state}>`)));
  });

  it("can reach an end from every state", () => {
    for (const start of states) {
      const seen = new Set<string>([start]);
      for (const from of seen) for (const to of states) if (canMove(machine, from as never, to)) seen.add(to);
      expect([...seen].some((state) => isTerminal(machine, state as never))).toBe(true);
    }
  });
});
