import { expect, it } from "vitest";
import type { DriftEffect } from "./drift.ts";
import { type GrantTrouble, type LastLooks, troubleOf } from "./grant-trouble.ts";

const drift = (...effects: DriftEffect[]): LastLooks["drift"] => ({
  verdict: "drifted",
  findings: effects.map((effect) => ({ effect })),
});
const documents = (told: Partial<NonNullable<LastLooks["documents"]>>): Partial<LastLooks> => ({
  documents: { letsIn: [], refuses: false, differs: false, ...told },
});
const fine: LastLooks = { drift: null, documents: null, pod: { ok: true }, ...documents({}) };

const cases: [string, Partial<LastLooks>, GrantTrouble | null][] = [
  ["nothing is wrong", {}, null],
  ["nobody has looked", { documents: null, pod: null }, null],
  [
    "what could not be read is no drift",
    { drift: { verdict: "unknown", findings: [{ effect: "unknown" }] } },
    null,
  ],
  ["it allows less", { drift: drift("narrower") }, "drifted"],
  ["it is another, and nobody can say how", { drift: drift("undecided", "none") }, "drifted"],
  ["one of the differences allows more", { drift: drift("narrower", "wider") }, "wider"],
  ["it allows something else", { drift: drift("both") }, "wider"],
  ["the workload may do more", documents({ letsIn: ["workload-beyond"] }), "wider"],
  ["anybody gets in", { drift: drift("wider"), ...documents({ letsIn: ["anonymous"] }) }, "open"],
  ["something was not as approved when it was read back", documents({ differs: true }), "drifted"],
  ["the documents refuse the workload", documents({ refuses: true }), "refused"],
  [
    "they refuse it, since they differ",
    { drift: drift("narrower"), ...documents({ refuses: true }) },
    "drifted",
  ],
  ["a pod was refused", { pod: { ok: false } }, "fails"],
];

it.each(cases)("%s", (_, looks, trouble) => {
  expect(troubleOf({ ...fine, ...looks })).toBe(trouble);
});
