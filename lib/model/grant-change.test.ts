import { describe, expect, it } from "vitest";
import type { Grant } from "./grant.ts";
import { changedFields, changeKind, changeWord } from "./grant-change.ts";

type Form = Pick<Grant, "level" | "custom" | "subResource" | "expiresAt">;

const form = (changes: Partial<Form> = {}): Form => ({
  level: "read",
  subResource: "in",
  expiresAt: "2027-01-01T00:00:00Z",
  ...changes,
});

const listing: Grant["custom"] = [{ actions: ["s3:ListBucket"], conditions: [] }];

describe("another form of a grant", () => {
  it.each<[string, Partial<Form>, Partial<Form>, ReturnType<typeof changeKind>]>([
    ["the same form is none", {}, {}, null],
    ["a later end date renews", {}, { expiresAt: "2027-06-01T00:00:00Z" }, "renew"],
    ["no end date any more renews", {}, { expiresAt: null }, "renew"],
    ["an earlier end date changes", {}, { expiresAt: "2026-12-01T00:00:00Z" }, "change"],
    ["a first end date changes", { expiresAt: null }, { expiresAt: "2027-01-01T00:00:00Z" }, "change"],
    ["another level changes", {}, { level: "write" }, "change"],
    ["another part changes", {}, { subResource: null }, "change"],
    ["a level of its own changes", {}, { level: "custom", custom: listing }, "change"],
    [
      "the same actions are no change",
      { level: "custom", custom: listing },
      { custom: structuredClone(listing) },
      null,
    ],
    [
      "a later end date with another level changes",
      {},
      { level: "write", expiresAt: "2027-06-01T00:00:00Z" },
      "change",
    ],
  ])("%s", (_, before, after, kind) => {
    expect(changeKind(form(before), form({ ...before, ...after }))).toBe(kind);
    expect(changedFields(form(before), form({ ...before, ...after }))).toEqual(
      Object.keys(form()).filter((field) => field in after),
    );
  });

  it("other actions, or the same under other conditions, are another level", () => {
    const before = form({ level: "custom", custom: listing });
    const condition = { operator: "IpAddress", key: "aws:SourceIp", values: ["203.0.113.0/24"] };
    for (const custom of [
      [{ actions: ["s3:ListBucket", "s3:GetObject"], conditions: [] }],
      [{ actions: ["s3:ListBucket"], conditions: [condition] }],
    ])
      expect(changedFields(before, form({ level: "custom", custom }))).toEqual(["level"]);
    expect(changedFields(before, form())).toEqual(["level"]);
  });
});

describe("what a run does to a live grant", () => {
  it.each([
    ["a change leads away from its base", "change", "base", ["base"], "change"],
    ["a renewal too", "renew", "base", ["base"], "renew"],
    ["a change of a failed change leads away from more", "change", "base", ["base", "older"], "change"],
    ["a roll back to the first approval", "create", null, ["change"], "roll-back"],
    ["a roll back to an earlier change", "change", "older", ["change"], "roll-back"],
    ["new grants come from nowhere", "create", null, undefined, null],
  ])("%s", (_, kind, baseRequestId, from, word) => {
    expect(changeWord({ kind, baseRequestId }, from)).toBe(word);
  });
});
