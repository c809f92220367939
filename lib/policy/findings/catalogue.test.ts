import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { driftWords } from "#lib/plan/drift-words.ts";
import { catalogue, type FindingId, findingIds } from "./catalogue.ts";
import { findingsPage } from "./documentation.ts";
import { groups } from "./entry.ts";
import { severities } from "./finding.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the catalogue of findings", () => {
  it.each(findingIds)("%s says what, why and how in whole sentences, and where AWS says so", (id) => {
    const { title, why, mend, severity, group, reference } = catalogue[id];
    expect(title).toMatch(/^[A-Z].{3,75}[^.]$/);
    expect(why).toMatch(/^\S.{20,}[.)]$/);
    expect(mend).toMatch(/^\S.{10,}[.!]$/);
    expect(severities).toContain(severity);
    expect(Object.keys(groups)).toContain(group);
    expect(new URL(reference).protocol).toBe("https:");
  });

  it("gives no two findings one title", () => {
    const titles = findingIds.map((id) => catalogue[id].title);
    expect(titles.filter((title, at) => titles.indexOf(title) < at)).toEqual([]);
  });

  it("is what docs/findings.md says; node scripts/findings-page.ts writes it anew", () => {
    expect(read("../../../docs/findings.md")).toBe(findingsPage());
  });
});

describe("preflight's findings", () => {
  const folder = "../../aws/preflight";
  const sources = readdirSync(new URL(`${folder}/`, import.meta.url)).map((name) =>
    read(`${folder}/${name}`),
  );
  const text = [...sources, read("../../aws/preflight.ts")].join("\n");
  const about = findingIds.filter((id) => catalogue[id].group === "preflight");

  it("are those of the catalogue: it has no other, and lacks none", () => {
    const said = new Set(
      [...text.matchAll(/"((?:[a-z-]+\.[a-z-]+)|unknown)"/g)].map(([, id]) => id as FindingId),
    );
    expect(about.filter((id) => !said.has(id))).toEqual([]);
    const prefixes = new Set(about.map((id) => id.split(".")[0]));
    const unknown = [...said].filter((id) => prefixes.has(id.split(".")[0] ?? "") && !about.includes(id));
    expect(unknown).toEqual([]);
  });

  it("are not called like differences from what was approved, which drift has words of its own for", () => {
    expect(about.filter((id) => id in driftWords)).toEqual([]);
  });
});
