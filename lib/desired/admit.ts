import { type CustomPermissions, sameAccess } from "#lib/model/custom-permissions.ts";
import { type Estate, findAccount, findCluster } from "#lib/model/estate.ts";
import type { AccessLevel, Grant, GrantId, Target } from "#lib/model/grant.ts";
import { changeKind } from "#lib/model/grant-change.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import { type Workload, workloadKey } from "#lib/model/workload.ts";
import { targetProblems } from "./admit-target.ts";
import { desiredResources } from "./desired-resources.ts";
import { earlierClusterRefusal } from "./earlier-cluster.ts";
import { policyRefusals, sizeRefusals } from "./limits.ts";
import { type PatternOption, patternOptions, patternSubject } from "./options.ts";
import { patterns as builtIn, type PatternTable } from "./patterns/catalogue.ts";

/** The choice that leaves the pattern to Drawbridge. */
export const automatic = "auto";

/** What a person asks for. The shapes of its parts have been checked; whether it can be done has not. */
export interface Proposal {
  workload: Workload;
  target: Target;
  level: AccessLevel;
  /** Of the level `custom`. */
  custom?: CustomPermissions | undefined;
  subResource: string | null;
  /** A pattern's id, or `auto`. */
  pattern: string;
  /** RFC 3339 in UTC; null: until revoked. */
  expiresAt: string | null;
}

export interface AdmissionFacts {
  estate: Estate;
  /** The workload's grants that are not revoked, in the order of their approval. */
  siblings: readonly Grant[];
  /** By grant the issuer of the cluster that its approval binds; without one: nothing is known of it. */
  issuers?: ReadonlyMap<GrantId, string | null>;
  /** Those asked for in the same request before this one: in no policy yet. */
  beside?: readonly Grant[];
  /** The live grant, one of the siblings, that the proposal is another form of. */
  changes?: Grant | undefined;
  now: Date;
  /** The longest that a grant may last, in days. */
  maxDays: number;
  patterns?: PatternTable;
}

export interface Admission {
  /** The grant as it would be approved, but for its id. */
  grant: Omit<Grant, "id">;
  options: PatternOption[];
}

const dayMs = 86_400_000;

/**
 * Whether a proposal can be granted at all, and if not, why and what to do instead. It reads the inventory's last
 * snapshot; what only AWS knows is checked by the worker's preflight after submission.
 */
export function admit(proposal: Proposal, facts: AdmissionFacts): Outcome<Admission> {
  const problems = [
    ...clusterProblems(proposal.workload, facts.estate),
    ...targetProblems(proposal, facts.estate),
    ...expiryProblems(proposal.expiresAt, facts),
  ];
  const subject = patternSubject(proposal.workload, proposal.target, facts.estate);
  if (problems.length > 0 || !subject) return refused(...problems);

  const { beside = [] } = facts;
  const others = [...facts.siblings, ...beside].filter(({ id }) => id !== facts.changes?.id);
  const unchangeable = facts.changes ? changeProblems(proposal, facts.changes) : [];
  if (unchangeable.length > 0) return refused(...unchangeable);
  const duplicate = duplicateOf(proposal, others);
  if (duplicate) return refused(duplicate);
  const { cluster } = proposal.workload;
  const earlier = earlierClusterRefusal(cluster, facts.estate, others, facts.issuers);
  if (earlier) return refused(earlier);

  const patterns = facts.patterns ?? builtIn;
  const judged = { ...subject, granted: facts.changes !== undefined };
  const options = patternOptions(judged, [...facts.siblings, ...beside], undefined, patterns);
  const chosen =
    proposal.pattern === automatic
      ? options.find((option) => option.recommended)
      : options.find((option) => option.id === proposal.pattern);
  if (!chosen)
    return refused(
      proposal.pattern === automatic
        ? nothingFits(options)
        : refusal(
            "pattern.unknown",
            "pattern",
            "This access pattern does not exist.",
            "Choose one of the list.",
          ),
    );
  if (chosen.objections.length > 0 || !chosen.identity)
    return refused(
      ...chosen.objections.map(({ code, reason, nextStep }) => refusal(code, "pattern", reason, nextStep)),
    );
  const { workload, target, level, custom, subResource, expiresAt } = proposal;
  const grant: Omit<Grant, "id"> = {
    workload,
    target,
    level,
    ...(custom ? { custom } : {}),
    subResource,
    pattern: chosen.id,
    identity: chosen.identity,
    expiresAt,
  };
  const siblings = others.filter((one) => workloadKey(one.workload) === workloadKey(workload));
  const desired = desiredResources([...siblings, { ...grant, id: unborn }], facts.estate, patterns);
  const unwritten = new Set([unborn, ...beside.map(({ id }) => id)]);
  const added = desired.filter(
    (one) =>
      one.kind === "resource-policy-statements" &&
      one.body.resourceArn === target.arn &&
      one.owners.some((owner) => unwritten.has(owner)),
  );
  const had = facts.changes
    ? desiredResources([{ ...facts.changes, id: unborn }], facts.estate, patterns)
    : [];
  const tooBig = [...sizeRefusals(desired), ...policyRefusals(added, had, facts.estate.inventory)];
  return tooBig.length > 0 ? refused(...tooBig) : accepted({ grant, options });
}

/** Stands for the id that the grant will get: as long as every id, so sizes are right, and nobody's, being upper-case. */
const unborn = "X".repeat(12);

function nothingFits(options: PatternOption[]): Refusal {
  // The identity's objection is the one a person can act on; the others follow from where the target is.
  const objections = options.flatMap((option) => option.objections);
  const telling =
    objections.find((objection) => objection.code === "pattern.identity-settled") ?? objections[0];
  return refusal(
    telling?.code ?? "pattern.none",
    "pattern",
    telling?.reason ?? "No access pattern fits.",
    telling?.nextStep ?? "Ask an admin which patterns are open to you.",
  );
}

function clusterProblems(workload: Workload, estate: Estate): Refusal[] {
  const cluster = findCluster(estate, workload.cluster);
  if (!cluster)
    return [
      refusal(
        "cluster.not-registered",
        "cluster",
        `Cluster ${workload.cluster.name} in account ${workload.cluster.accountId} is not registered.`,
        "Choose a cluster of the list, or ask an admin to register it.",
      ),
    ];
  if (!findAccount(estate, cluster.accountId))
    return [
      refusal(
        "cluster.account-not-registered",
        "cluster",
        `The cluster's account ${cluster.accountId} is not registered.`,
        "Ask an admin to register it.",
      ),
    ];
  if (cluster.issuer === null)
    return [
      refusal(
        "cluster.no-issuer",
        "cluster",
        `Cluster ${cluster.name} has no OIDC issuer yet: EKS reports it once the cluster is active.`,
        "Try again when the cluster is active.",
      ),
    ];
  return [];
}

function expiryProblems(expiresAt: string | null, facts: AdmissionFacts): Refusal[] {
  if (expiresAt === null) return [];
  const end = Date.parse(expiresAt);
  if (Number.isNaN(end))
    return [
      refusal(
        "expiry.malformed",
        "expiresAt",
        "This is not a date.",
        "Write it as 2027-01-31T00:00:00Z, or leave it empty.",
      ),
    ];
  if (end <= facts.now.getTime())
    return [refusal("expiry.past", "expiresAt", "The end date is in the past.", "Choose a later date.")];
  if (end > facts.now.getTime() + facts.maxDays * dayMs)
    return [
      refusal(
        "expiry.too-far",
        "expiresAt",
        `Access lasts ${facts.maxDays} days at most.`,
        "Choose an earlier date; grants can be renewed.",
      ),
    ];
  return [];
}

/** Workload, target and pattern are what a grant is: only its level, its part of the target and its end date change. */
function changeProblems(proposal: Proposal, live: Grant): Refusal[] {
  const anew = "Ask for it in a new request; this access can be revoked once that one works.";
  const problems: Refusal[] = [];
  if (workloadKey(proposal.workload) !== workloadKey(live.workload))
    problems.push(
      refusal("change.other-workload", "workload", "A change is of the same service account.", anew),
    );
  if (proposal.target.arn !== live.target.arn || proposal.target.accountId !== live.target.accountId)
    problems.push(refusal("change.other-target", "target", "Another target is another access.", anew));
  if (proposal.pattern !== live.pattern)
    problems.push(
      refusal("change.other-pattern", "pattern", "Another access pattern is another access.", anew),
    );
  if (problems.length === 0 && changeKind(live, proposal) === null)
    problems.push(
      refusal(
        "change.nothing",
        "expiresAt",
        "Nothing differs from the access as it is.",
        "Choose another end date, access level or part of the target.",
      ),
    );
  return problems;
}

/** A live grant of the same workload to the same target. */
function duplicateOf(proposal: Proposal, siblings: readonly Grant[]): Refusal | undefined {
  const same = siblings.find(
    (grant) =>
      workloadKey(grant.workload) === workloadKey(proposal.workload) &&
      grant.target.arn === proposal.target.arn &&
      grant.subResource === proposal.subResource &&
      sameAccess(grant, proposal),
  );
  return same
    ? refusal(
        "grant.duplicate",
        "target",
        `This service account already has ${same.level === "custom" ? "the same" : same.level} access to it (grant ${same.id}).`,
        `Use it: /access/${same.id} has the YAML. For a later end date, extend it instead.`,
        { label: "Extend it instead", href: `/requests/new?change=${same.id}` },
      )
    : undefined;
}
