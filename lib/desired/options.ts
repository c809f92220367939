import { parseArn } from "#lib/model/arn.ts";
import type { Estate } from "#lib/model/estate.ts";
import { findAccount, findCluster } from "#lib/model/estate.ts";
import type { Grant, IdentitySpec, Target } from "#lib/model/grant.ts";
import type { Workload } from "#lib/model/workload.ts";
import { inventoryItem } from "./context.ts";
import { identityOf } from "./identities.ts";
import { patterns as builtIn, defaultPreference, type PatternTable } from "./patterns/catalogue.ts";
import type { AccessPattern, Fact, Objection, PatternSubject } from "./patterns/pattern.ts";
import { serviceOf } from "./services/catalogue.ts";

/** One pattern, judged for one workload and target. */
export interface PatternOption {
  id: string;
  title: string;
  summary: string;
  facts: Fact[];
  /** Why it can't be used here; empty when it can. */
  objections: Objection[];
  /** The identity that the workload has or would get. */
  identity: IdentitySpec | null;
  recommended: boolean;
}

/** What patterns are judged by; undefined while the cluster, the accounts or the service are not known. */
export function patternSubject(
  workload: Workload,
  target: Target,
  estate: Estate,
): PatternSubject | undefined {
  const cluster = findCluster(estate, workload.cluster);
  const home = findAccount(estate, workload.cluster.accountId);
  const away = findAccount(estate, target.accountId);
  const arn = parseArn(target.arn);
  const service = arn && serviceOf(arn.service);
  if (!cluster || !home || !away || !service) return undefined;
  return {
    cluster,
    home,
    away,
    sameAccount: home.id === away.id,
    service,
    targetArn: target.arn,
    target: inventoryItem(estate, target.arn),
    estate,
  };
}

/**
 * Every pattern with its facts and objections, the recommended one marked: the first in the organisation's order
 * that nothing speaks against. `siblings` are the workload's live grants; with any, its identity is settled.
 */
export function patternOptions(
  subject: PatternSubject,
  siblings: readonly Grant[],
  preference: readonly string[] = defaultPreference,
  patterns: PatternTable = builtIn,
): PatternOption[] {
  const options = Object.values(patterns).map((pattern) => judge(pattern, subject, siblings[0]?.identity));
  const rank = (id: string) => {
    const place = preference.indexOf(id);
    return place === -1 ? preference.length : place;
  };
  options.sort((a, b) => rank(a.id) - rank(b.id));
  const best = options.find((option) => option.objections.length === 0);
  if (best) best.recommended = true;
  return options;
}

function judge(
  pattern: AccessPattern,
  subject: PatternSubject,
  settled: IdentitySpec | undefined,
): PatternOption {
  const { id, title, summary } = pattern;
  const objections = pattern.objections(subject);
  const possible = pattern.identities(subject);
  const facts = pattern.facts(subject);
  if (!settled) {
    const [first] = possible;
    const identity = first
      ? { ...first, defaultAccountId: pattern.defaultsToTarget ? subject.away.id : null }
      : null;
    return { id, title, summary, facts, objections, identity, recommended: false };
  }
  const holds = possible.some((one) => one.kind === settled.kind && one.accountId === settled.accountId);
  return {
    id,
    title,
    summary,
    facts,
    objections: holds ? objections : [...objections, identityObjection(settled, subject)],
    identity: settled,
    recommended: false,
  };
}

/** A service account has one annotation or one association, so what it is already rules patterns out. */
function identityObjection(settled: IdentitySpec, subject: PatternSubject): Objection {
  const kind = identityOf(settled.kind);
  const phrase = kind?.phrase ?? settled.kind;
  const exclusive = kind && !kind.reachesOtherAccounts && settled.accountId !== subject.away.id;
  return {
    code: "pattern.identity-settled",
    reason: `This service account already is ${phrase}${settled.accountId ? ` (${settled.accountId})` : ""} through its other grants, and it can be only one thing at a time.${exclusive ? ` From there it reaches targets in account ${settled.accountId} only.` : ""}`,
    nextStep: exclusive
      ? "Use another service account for this target, or revoke the present grants first and ask for a pattern that reaches several accounts."
      : "Choose a pattern that fits its identity, or use another service account.",
  };
}
