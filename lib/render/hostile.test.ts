import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeIni } from "./aws-config.ts";
import {
  iniKeepsToItsList,
  iniReadsBack,
  manifestsReadBack,
  refusedNames,
  yamlReadsBack,
} from "./testing/read-back.ts";

describe("hostile names", { timeout: 60_000 }, () => {
  it("are refused by the model", () => {
    fc.assert(refusedNames, { numRuns: 1_000 });
  });

  it("that Kubernetes takes come back from the manifests as they were", () => {
    fc.assert(manifestsReadBack, { numRuns: 300 });
  });

  it("round-trip through the serialiser even where no schema stands before it", () => {
    fc.assert(yamlReadsBack, { numRuns: 1_000 });
  });
});

describe("INI", { timeout: 60_000 }, () => {
  it("reads back what was written", () => {
    fc.assert(iniReadsBack);
  });

  it("writes nothing outside the allow-list", () => {
    fc.assert(iniKeepsToItsList, { numRuns: 1_000 });
  });

  it.each([
    "",
    " ",
    "a\nb = c",
    "[x",
    "a]",
    "a # b",
    "a;b",
    "a\r",
    " a",
    "a ",
    "a  b",
    "ä",
    "$x",
    "%x",
    '"a"',
  ])("refuses %j", (value) => {
    expect(() => writeIni([{ header: "default", values: { region: value } }])).toThrow(RangeError);
    expect(() => writeIni([{ header: value, values: {} }])).toThrow(RangeError);
  });
});
