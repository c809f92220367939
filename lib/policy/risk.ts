import type { Environment } from "#lib/model/account.ts";
import { type Classification, classifications } from "#lib/model/classification.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type Estate, findAccount } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type Risk, type RiskLevel, riskLevels } from "#lib/model/risk.ts";
import { entryOf, type FindingId } from "./findings/catalogue.ts";

/** What the table looks at. */
export interface RiskFacts {
  /** Of the accounts that the targets are in. */
  environments: readonly Environment[];
  writes: boolean;
  /** Cluster and some target are in different accounts. */
  acrossAccounts: boolean;
  /** The names of accounts that let in, themselves or by a resource, somebody of another who was not let in before. */
  newTrust: { accounts: readonly string[]; letIn: readonly string[] } | null;
  /** Some grant has no end date. */
  unlimited: boolean;
  /** The strictest of the targets' that is known. */
  classification: Classification | null;
  findings: readonly FindingId[];
}

interface RiskRule {
  /** Stable, for tests and documentation. */
  id: string;
  level: Exclude<RiskLevel, "low">;
  /** Why, as a sentence. */
  reason: string;
  /** The same of one request, where there is more to say of it. */
  says?: (facts: RiskFacts) => string;
  /** Rows that say less of the same. */
  covers?: readonly string[];
  applies(facts: RiskFacts): boolean;
}

const inProduction = ({ environments }: RiskFacts) => environments.includes("production");
const strict = ({ classification }: RiskFacts) =>
  classification === "confidential" || classification === "restricted";
const found = ({ findings }: RiskFacts, test: (id: FindingId) => boolean) => findings.some(test);

/** Findings that let in or give far more than one workload needs. */
const boundless = new Set<FindingId>([
  "action.everything",
  "action.not-action-allow",
  "principal.everyone",
  "policy.public",
  "boundary.wider",
  "boundary.unread",
  "role.foreign-policies",
  "trust.missing-sub",
  "trust.sub-any",
  "trust.lookalike-issuer",
  "trust.github-anybody",
  "trust.provider-anybody",
]);

/** The table: a request has the highest level of the rows that apply to it, and low when none does. */
export const riskRules: readonly RiskRule[] = [
  {
    id: "boundless",
    level: "critical",
    reason: "It lets in, or gives, far more than one workload: everybody, everything or any service account.",
    applies: (facts) => found(facts, (id) => boundless.has(id)),
  },
  {
    id: "escalation",
    level: "critical",
    reason: "Its holder can give itself more permissions.",
    applies: (facts) =>
      found(facts, (id) => entryOf(id).group === "escalation" && entryOf(id).severity === "security-warning"),
  },
  {
    id: "restricted-written",
    level: "critical",
    reason: "It changes data in production that is classified as restricted.",
    covers: ["production-written", "classified"],
    applies: (facts) => inProduction(facts) && facts.writes && facts.classification === "restricted",
  },
  {
    id: "wider-than-needed",
    level: "high",
    reason: "The checks find that it is wider than it should be.",
    applies: (facts) => found(facts, (id) => entryOf(id).severity === "security-warning"),
  },
  {
    id: "production-written",
    level: "high",
    reason: "It changes data in a production account.",
    applies: (facts) => inProduction(facts) && facts.writes,
  },
  {
    id: "classified",
    level: "high",
    reason: "The data is classified as confidential or restricted.",
    says: ({ classification }) => `The data is classified as ${classification}.`,
    applies: strict,
  },
  {
    id: "would-fail",
    level: "medium",
    reason: "The checks find an error: a part of it would not work.",
    applies: (facts) => found(facts, (id) => entryOf(id).severity === "error"),
  },
  {
    id: "production-read",
    level: "medium",
    reason: "It reads data of a production account.",
    applies: (facts) => inProduction(facts) && !facts.writes,
  },
  {
    id: "written",
    level: "medium",
    reason: "It changes data.",
    applies: (facts) => facts.writes && !inProduction(facts),
  },
  {
    id: "new-trust",
    level: "medium",
    reason: "An account lets in somebody of another account who was not let in before.",
    says: ({ newTrust }) => (newTrust ? trustWords(newTrust) : ""),
    applies: ({ newTrust }) => newTrust !== null,
  },
  {
    id: "unlimited-across-accounts",
    level: "medium",
    reason: "Access to another account has no end date.",
    applies: ({ unlimited, acrossAccounts }) => unlimited && acrossAccounts,
  },
];

function trustWords({ accounts, letIn }: NonNullable<RiskFacts["newTrust"]>): string {
  const list = new Intl.ListFormat("en");
  const verb = accounts.length === 1 ? "lets" : "let";
  return `${list.format(accounts)} ${verb} in somebody of ${list.format(letIn)} who was not let in before.`;
}

/** How risky it is to approve, by the table. */
export function assessRisk(facts: RiskFacts): Risk {
  const rank = (level: RiskLevel) => riskLevels.indexOf(level);
  const reasons = riskRules
    .filter((rule) => rule.applies(facts))
    .map(({ id, level, reason, says }) => ({ id, level, reason: says?.(facts) ?? reason }))
    .sort((a, b) => rank(b.level) - rank(a.level));
  return { level: reasons[0]?.level ?? "low", reasons };
}

/** The reasons without those that another one implies: what a reader has to know. */
export function mainReasons({ reasons }: Risk): Risk["reasons"] {
  const covered = new Set(
    riskRules.filter(({ id }) => reasons.some((one) => one.id === id)).flatMap(({ covers = [] }) => covers),
  );
  return reasons.filter(({ id }) => !covered.has(id));
}

/** What the facts are gathered from. */
export interface RiskSubject {
  grants: readonly Pick<Grant, "workload" | "target" | "expiresAt">[];
  /** Some of them changes data. */
  writes: boolean;
  estate: Estate;
  /** The resources that would be made, or made wider. */
  made: readonly Pick<CloudResource, "kind" | "accountId">[];
  /** Of the documents and of preflight. */
  findings: readonly FindingId[];
  /** Of the targets' data, where it is known. */
  classifications?: readonly Classification[];
}

/** Resources that let somebody in. */
const trusting = new Set<CloudResource["kind"]>(["oidc-provider", "role", "resource-policy-statements"]);

/** The facts of a request. An account that is not registered counts as production. */
export function riskFacts({
  grants,
  writes,
  estate,
  made,
  findings,
  classifications: known = [],
}: RiskSubject): RiskFacts {
  const homes = new Set(grants.map(({ workload }) => workload.cluster.accountId));
  const away = made.filter(({ kind, accountId }) => trusting.has(kind) && !homes.has(accountId));
  const opening = [...new Set(away.map(({ accountId }) => accountId))];
  const nameOf = (id: string) => findAccount(estate, id)?.name ?? id;
  return {
    environments: grants.map(
      ({ target }) => findAccount(estate, target.accountId)?.environment ?? "production",
    ),
    writes,
    acrossAccounts: grants.some(({ workload, target }) => workload.cluster.accountId !== target.accountId),
    newTrust: opening.length > 0 ? { accounts: opening.map(nameOf), letIn: [...homes].map(nameOf) } : null,
    unlimited: grants.some(({ expiresAt }) => expiresAt === null),
    classification: classifications.findLast((one) => known.includes(one)) ?? null,
    findings,
  };
}
