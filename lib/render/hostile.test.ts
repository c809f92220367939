import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { estate, grant, workload } from "#lib/desired/testing/organisation.ts";
import { workloadAccess } from "#lib/desired/workload-access.ts";
import { workloadSchema } from "#lib/model/workload.ts";
import { writeIni } from "./aws-config.ts";
import { configMap, renderManifest, serviceAccount } from "./kubernetes.ts";
import { type JsonObject, toYaml } from "./yaml.ts";

/** Names made of what breaks out of templates: YAML, INI, shell and policy metacharacters beside plain ones. */
const hostile = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom(..."a1-.:#&*!|>%@`{}[],?\n\r\t '\"\\$()=~/;\u0000\u2028\u202e"),
      maxLength: 20,
    }),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "---",
      "no",
      "on",
      "~",
      "&a",
      "*a",
      "!!js",
      "a: b",
      "a #b",
      "\n- x",
      "{{x}}",
      "$(id)",
      "<<",
    ),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/) },
);

describe("hostile names", { timeout: 60_000 }, () => {
  it("are refused by the model or come back as they were", () => {
    let admitted = 0;
    fc.assert(
      fc.property(hostile, hostile, (namespace, serviceAccountName) => {
        const candidate = workloadSchema.safeParse(
          workload({ namespace, serviceAccount: serviceAccountName }),
        );
        if (!candidate.success) return;
        admitted += 1;
        const access = workloadAccess(
          [grant({ workload: candidate.data, pattern: "role-chaining" })],
          estate(),
        );
        const [account, config, job, ...rest] = parseAllDocuments(
          renderManifest(access, { grantId: "aaaaaaaaaaaa" }),
          { version: "1.1" },
        ).map((document) => document.toJS());
        expect(rest).toEqual([]);
        expect(account).toEqual(serviceAccount(access));
        expect(config).toEqual(configMap(access));
        expect(job.spec.template.spec.serviceAccountName).toBe(serviceAccountName);
      }),
      { numRuns: 1_000 },
    );
    expect(admitted).toBeGreaterThan(20);
  });

  it("round-trip through the serialiser even where no schema stands before it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), hostile), (data) => {
        const object: JsonObject = { data: { ...data } };
        for (const version of ["1.1", "1.2"] as const)
          expect(parse(toYaml(object), { version, merge: false })).toEqual(object);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The INI reader of the SDKs, as far as it matters here. */
function readIni(text: string): Record<string, Record<string, string>> {
  const sections = new Map<string, [string, string][]>();
  let current: [string, string][] = [];
  for (const line of text.split("\n")) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    const [key, ...value] = line.split(" = ");
    if (header !== undefined) {
      current = [];
      sections.set(header, current);
    } else if (key) current.push([key, value.join(" = ")]);
  }
  return Object.fromEntries([...sections].map(([header, values]) => [header, Object.fromEntries(values)]));
}

describe("INI", { timeout: 60_000 }, () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9_+=,.@:/-]{1,30}$/);

  it("reads back what was written", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(plain, { minLength: 1, maxLength: 4 }),
        plain,
        plain,
        (headers, key, value) => {
          const sections = headers.map((header) => ({
            header: `profile ${header}`,
            values: { [key]: value },
          }));
          expect(readIni(writeIni(sections))).toEqual(
            Object.fromEntries(sections.map((section) => [section.header, section.values])),
          );
        },
      ),
    );
  });

  it("writes nothing outside the allow-list", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        let text: string;
        try {
          text = writeIni([{ header: "default", values: { region: value } }]);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(text).toBe(`[default]\nregion = ${value}\n`);
        expect(readIni(text)).toEqual({ default: { region: value } });
      }),
      { numRuns: 1_000 },
    );
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
