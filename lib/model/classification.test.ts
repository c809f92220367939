import { describe, expect, it } from "vitest";
import { type Classification, classificationOf } from "./classification.ts";

describe("the classification of a target", () => {
  it.each<[string, Record<string, string>, Classification | null]>([
    ["none without tags", {}, null],
    ["none with other tags alone", { team: "data" }, null],
    ["the tag's word", { "data-classification": "internal" }, "internal"],
    ["whatever the case of key and word", { "Data-Classification": " Restricted " }, "restricted"],
    [
      "confidential for a word of the organisation's own",
      { "data-classification": "secret" },
      "confidential",
    ],
    [
      "the strictest of two keys that differ in case",
      { "data-classification": "internal", "Data-Classification": "restricted" },
      "restricted",
    ],
    [
      "not hidden by an empty one",
      { "data-classification": "", "DATA-CLASSIFICATION": "restricted" },
      "restricted",
    ],
    ["none for a tag that says nothing", { "data-classification": " " }, null],
  ])("is %s", (_, tags, expected) => {
    const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
    expect(classificationOf(list, "data-classification")).toBe(expected);
  });
});
