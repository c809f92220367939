import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { everyPattern } from "#lib/desired/testing/every-pattern.ts";
import { estate } from "#lib/desired/testing/organisation.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { boundaryPolicy, provisionerTrust, workerPolicy } from "#lib/render/onboarding.ts";
import { canonicalStatement } from "./canonical.ts";
import { sentences } from "./describe.ts";

/**
 * An approver reads the sentence: a document that says something else must read differently, whatever is changed in
 * it and however slightly.
 */

const cases = new URL("./cases/", import.meta.url);

type Path = (string | number)[];

interface Mutant {
  what: string;
  document: PolicyDocument;
}

/** Operators that AWS documents as the same, or that differ in nothing when a key is absent. */
const same = new Map([
  ["ArnLike", "ArnEquals"],
  ["ArnNotLike", "ArnNotEquals"],
]);

const operators = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "NumericEquals",
  "NumericNotEquals",
  "NumericLessThan",
  "NumericLessThanEquals",
  "NumericGreaterThan",
  "NumericGreaterThanEquals",
  "DateEquals",
  "DateNotEquals",
  "DateLessThan",
  "DateLessThanEquals",
  "DateGreaterThan",
  "DateGreaterThanEquals",
  "Bool",
  "BinaryEquals",
  "IpAddress",
  "NotIpAddress",
  "ArnEquals",
  "ArnLike",
  "ArnNotEquals",
  "ArnNotLike",
  "Null",
  "StringMatches",
  "",
];
const written = operators.flatMap((name) =>
  ["", "ForAnyValue:", "ForAllValues:"].flatMap((quantifier) =>
    ["", "IfExists"].map((suffix) => `${quantifier}${name}${suffix}`),
  ),
);

/** Two operators that hold for exactly the same requests. */
function alike(one: string, other: string): boolean {
  return plain(one).toLowerCase() === plain(other).toLowerCase();
}

function plain(operator: string): string {
  const [, quantifier = "", name = "", suffix = ""] =
    /^(ForA(?:ny|ll)Values?:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const base = same.get(name) ?? name;
  // A negated operator, and ForAllValues, hold without the key anyway.
  const holds = quantifier === "ForAllValues:" || (quantifier === "" && /Not/.test(base));
  return `${quantifier}${base}${holds ? "" : suffix}`;
}

function edited(
  document: PolicyDocument,
  path: Path,
  change: (parent: Record<string, unknown>, key: string) => void,
) {
  const copy = structuredClone(document);
  const parents = path.slice(0, -1);
  const parent = parents.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
  change(parent as Record<string, unknown>, String(path.at(-1)));
  return copy;
}

/** Every place of the document below its statements, the outer ones first. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((one, index) => [index, one])
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => places(inner, [...path, key]))];
}

function mutantsOf(document: PolicyDocument): Mutant[] {
  const at = places(document.Statement, ["Statement"]).filter(
    (path) => path.at(-1) !== "Sid" && path.length > (Array.isArray(document.Statement) ? 2 : 1),
  );
  return at.flatMap((path) => {
    const value = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], document);
    const change = (what: string, by: (parent: Record<string, unknown>, key: string) => void): Mutant => ({
      what: `${path.join(".")} ${what}`,
      document: edited(document, path, by),
    });
    const set = (to: unknown) =>
      change(`becomes ${JSON.stringify(to)}`, (parent, key) => {
        parent[key] = to;
      });
    const rename = (to: string) =>
      change(`is called ${to}`, (parent, key) => {
        const kept = parent[key];
        delete parent[key];
        parent[to] = kept;
      });
    const last = String(path.at(-1));
    const inList = typeof path.at(-1) === "number";
    const depth = path.indexOf("Condition");
    const isOperator = depth >= 0 && path.length === depth + 2;
    const isKey = depth >= 0 && path.length === depth + 3;
    return [
      change("is gone", (parent, key) => {
        if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else delete parent[key];
      }),
      ...(typeof value === "string"
        ? [
            set(`${value}x`),
            set(`x${value}`),
            set("*"),
            set(""),
            set({}),
            set(value.replace(":aws:", ":aws-cn:")),
          ]
        : []),
      ...(value === "Allow" ? [set("Deny"), set("allow"), set(7)] : []),
      ...(Array.isArray(value) ? [set([...value, "zz:zz"]), set([])] : []),
      ...(typeof value === "object" && !Array.isArray(value)
        ? [set({ ...value, Zz: "zz" }), set("zz"), set({})]
        : []),
      ...(isOperator ? written.filter((one) => !alike(one, last)).map(rename) : []),
      ...(isKey ? [rename(`${last}x`), rename(last.replace(":", "/"))] : []),
      ...(!inList && /^(Not)?(Principal|Action|Resource)$/.test(last)
        ? [rename(last.startsWith("Not") ? last.slice(3) : `Not${last}`), rename(`${last}s`)]
        : []),
      ...(!inList && path.at(-2) === "Principal"
        ? ["AWS", "Service", "Federated", "CanonicalUser", "Other"]
            .filter((kind) => kind !== last)
            .map(rename)
        : []),
    ];
  });
}

/** What a document means, as far as order, form and Sids don't matter. */
function meaning(document: PolicyDocument): string {
  return JSON.stringify(
    statementsOf(document).map((statement) => {
      const { Sid: _, Condition = {}, ...rest } = canonicalStatement(statement);
      return { ...rest, Condition };
    }),
  );
}

const { documents, origins } = corpus();

/** Documents of all kinds, such as people paste, broken ones among them. */
function casesOf(file: string): PolicyDocument[] {
  const { cases: all } = JSON.parse(readFileSync(new URL(file, cases), "utf8")) as {
    cases: { policies: Record<string, PolicyDocument | PolicyDocument[]> }[];
  };
  return all
    .flatMap(({ policies }) => Object.values(policies).flat())
    .filter((one) => "Statement" in one && statementsOf(one).length > 0);
}

function corpus() {
  const named = new Map<string, string>();
  const add = (origin: string, document: PolicyDocument) => {
    const text = JSON.stringify(document);
    if (!named.has(text)) named.set(text, origin);
  };
  for (const { name, asked } of everyPattern) {
    const s3 = asked.target.arn.includes(":s3:");
    const forms = (["read", "write", "read-write"] as const).flatMap((level) => [
      { ...asked, level },
      { ...asked, level, expiresAt: null, subResource: s3 ? "exports" : asked.subResource },
    ]);
    for (const grant of forms)
      for (const { kind, body, key } of desiredResources([grant], estate())) {
        if (kind === "role") add(`${name}: trust of ${key}`, body.trust);
        if (kind === "role-policy") add(`${name}: ${key}`, body.document);
        if (kind === "resource-policy-statements")
          add(`${name}: ${key}`, { Version: "2012-10-17", Statement: body.statements });
      }
  }
  const onboarding = { id: "111122223333", partition: "aws" as const };
  add("boundary", boundaryPolicy(onboarding, "acme"));
  add("provisioner's trust", provisionerTrust("arn:aws:iam::999999999999:role/worker", "external-id"));
  add("worker", workerPolicy(["arn:aws:iam::111122223333:role/provisioner"]));
  for (const file of readdirSync(cases).filter((name) => name.endsWith(".json")))
    for (const document of casesOf(file)) add(file, document);
  return {
    documents: [...named.keys()].map((text) => JSON.parse(text) as PolicyDocument),
    origins: [...named.values()],
  };
}

describe("every change of a document changes its sentences", () => {
  it("covers trusts, permissions and resource policies of every pattern", () => {
    expect(documents.length).toBeGreaterThan(300);
  });

  it("whatever is changed", () => {
    let count = 0;
    const unseen: string[] = [];
    for (const [index, document] of documents.entries()) {
      const told = sentences(document).join("\n");
      const meant = meaning(document);
      for (const mutant of mutantsOf(document)) {
        if (meaning(mutant.document) === meant) continue;
        count += 1;
        if (sentences(mutant.document).join("\n") === told) unseen.push(`${origins[index]}: ${mutant.what}`);
      }
    }
    expect(unseen).toEqual([]);
    expect(count).toBeGreaterThan(50_000);
  });

  it("tells a document of an old Version whose variables are plain text", () => {
    const Resource = "arn:aws:s3:::reports/$".concat("{aws:PrincipalTag/team}/*");
    const Statement: Statement = { Effect: "Allow", Action: "s3:GetObject", Resource };
    const versions = ["2012-10-17", "2008-10-17", "2020-01-01"] as const;
    const texts = versions.map((Version) => sentences({ Version, Statement } as PolicyDocument)[0]);
    expect(new Set(texts).size).toBe(3);
    expect(sentences({ Statement })[0]).toBe(texts[1]);
  });
});
