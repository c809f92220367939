import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { awsMetadata } from "../metadata/aws.ts";
import { catalogue, type FindingId } from "./catalogue.ts";
import { checkPolicy } from "./check-policy.ts";
import type { Finding } from "./finding.ts";
import type { CheckKind } from "./kinds.ts";
import { sizeCases } from "./testing-sizes.ts";

interface Case {
  finding: FindingId;
  kind: CheckKind;
  accountId?: string;
  service?: string;
  now?: string;
  /** A text, a whole document, one statement or several. */
  hit: unknown;
  near: unknown;
}

const folder = new URL("./cases/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "seeds.json");
const written = files.flatMap(
  (name) => (JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { cases: Case[] }).cases,
);
const cases: Case[] = [...written, ...sizeCases];

function policyOf(fixture: unknown): unknown {
  if (typeof fixture === "string") return fixture;
  const whole =
    typeof fixture === "object" && fixture !== null && ("Version" in fixture || "Statement" in fixture);
  return whole ? fixture : { Version: "2012-10-17", Statement: fixture };
}

function findingsIn(one: Case, fixture: unknown): Finding[] {
  const { kind, accountId, service, now } = one;
  return checkPolicy(policyOf(fixture), {
    kind,
    metadata: awsMetadata,
    ...(accountId ? { accountId } : {}),
    ...(service ? { service } : {}),
    ...(now ? { now: new Date(now) } : {}),
  });
}

function idsIn(one: Case, fixture: unknown): FindingId[] {
  return findingsIn(one, fixture).map(({ id }) => id);
}

describe("each finding of a policy", () => {
  it.each(cases.map((one) => [one.finding, one] as const))(
    "%s is made, and not for a near miss",
    (id, one) => {
      expect(idsIn(one, one.hit)).toContain(id);
      expect(idsIn(one, one.near)).not.toContain(id);
    },
  );

  it("shows in its words what would turn them around or not be seen", () => {
    const fixture = { Effect: "Deny", Action: "s3:Get\u202EObject", Resource: "arn:aws:s3:::b/\u200B*" };
    const options = { kind: "identity", metadata: awsMetadata } as const;
    const details = checkPolicy(policyOf(fixture), options).map(({ detail }) => detail);
    expect(details.length).toBeGreaterThan(0);
    for (const detail of details) expect(detail).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(details.join()).toContain("s3:Get\\u202eObject");
  });

  it("blames no statement for what is wrong with all of them together", () => {
    const one = cases.find(({ finding }) => finding === "size.statements");
    const found = one && findingsIn(one, one.hit).find(({ id }) => id === one.finding);
    expect(found).toMatchObject({ path: "/Statement" });
    expect(found).not.toHaveProperty("statement");
  });

  it("has a case, and there are no cases of others", () => {
    const about = Object.keys(catalogue).filter(
      (id) => !["preflight", "service-account"].includes(catalogue[id as FindingId].group),
    );
    expect([...new Set(cases.map(({ finding }) => finding))].sort()).toEqual(about.sort());
  });
});
