import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import {
  account,
  away,
  bucketArn,
  estate,
  grant,
  home,
  homeBucketArn,
  third,
} from "#lib/desired/testing/organisation.ts";
import type { RiskLevel } from "#lib/model/risk.ts";
import { assessRisk, type RiskFacts, riskFacts, riskRules } from "./risk.ts";

/** Reading within a development account until an end date. */
const harmless: RiskFacts = {
  environments: ["development"],
  writes: false,
  acrossAccounts: false,
  newTrust: null,
  unlimited: false,
  classification: null,
  findings: [],
};

const rows: [rule: string, level: RiskLevel, facts: Partial<RiskFacts>, near: Partial<RiskFacts>][] = [
  ["boundless", "critical", { findings: ["trust.missing-sub"] }, { findings: ["trust.sub-pattern"] }],
  [
    "escalation",
    "critical",
    { findings: ["escalation.write-trust"] },
    { findings: ["escalation.pass-role-anywhere"] },
  ],
  [
    "restricted-written",
    "critical",
    { environments: ["production"], writes: true, classification: "restricted" },
    { environments: ["production"], classification: "restricted" },
  ],
  ["wider-than-needed", "high", { findings: ["resource.any-written"] }, { findings: ["resource.any"] }],
  [
    "production-written",
    "high",
    { environments: ["development", "production"], writes: true },
    { environments: ["staging"], writes: true },
  ],
  ["classified", "high", { classification: "confidential" }, { classification: "internal" }],
  ["would-fail", "medium", { findings: ["bucket.missing"] }, { findings: ["provider.new"] }],
  ["production-read", "medium", { environments: ["production"] }, { environments: ["shared"] }],
  ["written", "medium", { writes: true }, {}],
  ["new-trust", "medium", { newTrust: { accounts: ["data"], letIn: ["platform"] } }, {}],
  ["unlimited-across-accounts", "medium", { unlimited: true, acrossAccounts: true }, { unlimited: true }],
];

describe("the table of risks", () => {
  it.each(rows)("%s makes a request %s", (rule, level, facts, near) => {
    const risk = assessRisk({ ...harmless, ...facts });
    expect(risk.level).toBe(level);
    expect(risk.reasons.map(({ id }) => id)).toContain(rule);
    expect(assessRisk({ ...harmless, ...near }).reasons.map(({ id }) => id)).not.toContain(rule);
  });

  it("has a test for each row, and nothing makes a request low but that no row applies", () => {
    expect(rows.map(([id]) => id)).toEqual(riskRules.map(({ id }) => id));
    expect(assessRisk(harmless)).toEqual({ level: "low", reasons: [] });
  });

  it("says which classification", () => {
    const says = (classification: "confidential" | "restricted") =>
      assessRisk({ ...harmless, classification }).reasons.map(({ reason }) => reason);
    expect(says("restricted")).toEqual(["The data is classified as restricted."]);
    expect(says("confidential")).toEqual(["The data is classified as confidential."]);
  });

  it("names the worst reason first", () => {
    const { level, reasons } = assessRisk({ ...harmless, writes: true, findings: ["principal.everyone"] });
    expect(level).toBe("critical");
    expect(reasons.map(({ level: one }) => one)).toEqual(["critical", "high", "medium"]);
  });
});

describe("the facts of a request", () => {
  it("are those of its grants, and of what they would make in other accounts", () => {
    const asked = grant({
      pattern: "role-chaining",
      target: { arn: bucketArn, accountId: away },
      level: "write",
    });
    const where = estate({ accounts: [account(home), account(away, { environment: "staging" })] });
    const made = desiredResources([asked], where);
    expect(riskFacts({ grants: [asked], writes: true, estate: where, made, findings: [] })).toEqual({
      environments: ["staging"],
      writes: true,
      acrossAccounts: true,
      newTrust: { accounts: [account(away).name], letIn: [account(home).name] },
      unlimited: asked.expiresAt === null,
      classification: null,
      findings: [],
    });
  });

  it("are harmless where the target is at home, and not where nobody knows the account", () => {
    const asked = grant({ pattern: "irsa", target: { arn: homeBucketArn, accountId: home }, level: "read" });
    const made = desiredResources([asked], estate());
    const facts = riskFacts({ grants: [asked], writes: false, estate: estate(), made, findings: [] });
    expect(facts).toMatchObject({ acrossAccounts: false, newTrust: null, writes: false });
    const elsewhere = { ...asked, target: { arn: "arn:aws:s3:::third-data", accountId: third } };
    expect(
      riskFacts({
        grants: [elsewhere],
        writes: false,
        estate: estate({ accounts: [] }),
        made: [],
        findings: [],
      }),
    ).toMatchObject({ environments: ["production"], newTrust: null });
  });

  it("name the accounts that let somebody in, and whose it is", () => {
    const newTrust = { accounts: ["data", "lake"], letIn: ["platform"] };
    expect(assessRisk({ ...harmless, newTrust }).reasons.map(({ reason }) => reason)).toEqual([
      "data and lake let in somebody of platform who was not let in before.",
    ]);
  });

  it("take the strictest classification that is known", () => {
    const classifications = ["internal", "restricted", "public"] as const;
    const facts = riskFacts({
      grants: [],
      writes: false,
      estate: estate(),
      made: [],
      findings: [],
      classifications,
    });
    expect(facts.classification).toBe("restricted");
  });
});
