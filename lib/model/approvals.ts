import { z } from "zod";
import { type AccountId, accountIdSchema } from "./arn.ts";
import { type Estate, findAccount } from "./estate.ts";
import type { Grant } from "./grant.ts";
import type { RiskLevel } from "./risk.ts";
import type { Workload } from "./workload.ts";

/** A group that must approve, and why. */
export const approvalRequirementSchema = z.strictObject({
  /** Stable within a version: `account:444455556666`, `namespace:payments`. */
  id: z.string(),
  group: z.string(),
  /** Null for a namespace's owners. */
  accountId: accountIdSchema.nullable(),
  reason: z.string(),
  /** Only an admin speaks for it, whatever groups there are. */
  admin: z.literal(true).optional(),
});

export type ApprovalRequirement = z.infer<typeof approvalRequirementSchema>;

/**
 * Who must approve: the owners of each account that is written to or read from (the cluster's, each target's), and
 * the namespace's owners when the requester is not one of them.
 */
export function approvalRequirements(
  workload: Workload,
  grants: readonly Pick<Grant, "target" | "identity">[],
  estate: Estate,
  namespaceOwner: string | null,
  requesterGroups: readonly string[],
): ApprovalRequirement[] {
  const cluster = workload.cluster;
  const accounts = new Map<AccountId, string>([[cluster.accountId, `has the cluster ${cluster.name}`]]);
  for (const grant of grants)
    if (!accounts.has(grant.target.accountId)) accounts.set(grant.target.accountId, "has the target");
  const requirements = [...accounts].map(([accountId, reason]): ApprovalRequirement => {
    const account = findAccount(estate, accountId);
    return {
      id: `account:${accountId}`,
      group: account?.ownerGroup ?? "",
      accountId,
      reason: `${account?.name ?? accountId} ${reason}`,
    };
  });
  if (namespaceOwner !== null && !requesterGroups.includes(namespaceOwner))
    requirements.push({
      id: `namespace:${workload.namespace}`,
      group: namespaceOwner,
      accountId: null,
      reason: `owns the namespace ${workload.namespace}`,
    });
  return requirements;
}

/**
 * Whom the risk asks for beside the owners: an admin where it is critical. That is a second person: the vote that counts
 * as the admin's counts for no group of owners.
 */
export function riskRequirements(level: RiskLevel): ApprovalRequirement[] {
  return level === "critical"
    ? [{ id: "risk:critical", group: "", accountId: null, reason: "The risk is critical", admin: true }]
    : [];
}

/** Whether an approval has to name, in writing, every account that it opens: from high risk on. */
export function asksForConfirmation(level: RiskLevel): boolean {
  return level === "high" || level === "critical";
}

/** Someone who can decide, with the groups that the database says they are in now. */
export interface Decider {
  personId: string;
  groups: readonly string[];
  isAdmin: boolean;
}

export interface ApprovalVote {
  personId: string;
  decision: "approve" | "request_changes" | "reject";
}

export interface RequirementStatus extends ApprovalRequirement {
  /** Who satisfied it. */
  satisfiedBy: string | null;
  /** Nobody but the requester is in the group, so an admin decides. */
  adminDecides: boolean;
}

/**
 * Which requirements the votes satisfy. The requester never counts; a vote counts only while its voter is still in
 * the group; one person may speak for several groups, but not for one and as the admin that the risk asks for; where
 * the group has no one but the requester (and that admin), an admin decides.
 *
 * @param people everyone who could decide, with memberships as they are now
 */
export function tallyApprovals(
  requirements: readonly ApprovalRequirement[],
  votes: readonly ApprovalVote[],
  people: readonly Decider[],
  requesterId: string,
): RequirementStatus[] {
  const approvers = votes
    .filter((vote) => vote.decision === "approve" && vote.personId !== requesterId)
    .flatMap((vote) => people.find((person) => person.personId === vote.personId) ?? []);
  // Nobody's vote counts for both, so each admin's is tried as the one and as the other: what leaves the fewest open holds.
  const admins = requirements.some(({ admin }) => admin) ? approvers.filter(({ isAdmin }) => isAdmin) : [];
  const owns = ({ groups }: Decider) => requirements.some(({ group }) => groups.includes(group));
  const asAdmin = [...admins.filter((one) => !owns(one)), ...admins.filter(owns), undefined];
  return asAdmin
    .map((admin) => tallyWith(admin, requirements, approvers, people, requesterId))
    .reduce((best, one) => (openIn(one).length < openIn(best).length ? one : best));
}

function tallyWith(
  admin: Decider | undefined,
  requirements: readonly ApprovalRequirement[],
  approvers: readonly Decider[],
  people: readonly Decider[],
  requesterId: string,
): RequirementStatus[] {
  const without = [requesterId, ...(admin ? [admin.personId] : [])];
  return requirements.map((requirement) => {
    if (requirement.admin)
      return { ...requirement, adminDecides: true, satisfiedBy: admin?.personId ?? null };
    const adminDecides = !hasDecider(requirement, people, without);
    const voter = approvers.find(
      (person) => person !== admin && speaksFor(person, requirement, adminDecides),
    );
    return { ...requirement, adminDecides, satisfiedBy: voter?.personId ?? null };
  });
}

function openIn(tally: readonly RequirementStatus[]): string[] {
  return tally.filter(({ satisfiedBy }) => satisfiedBy === null).map(({ id }) => id);
}

/** The requirements, by id, that are open and would not be any more if this person approved. */
export function wouldSatisfy(
  requirements: readonly ApprovalRequirement[],
  votes: readonly ApprovalVote[],
  person: Decider,
  people: readonly Decider[],
  requesterId: string,
): string[] {
  const { personId } = person;
  const now = tallyApprovals(requirements, votes, people, requesterId);
  const then = tallyApprovals(
    requirements,
    [...votes, { personId, decision: "approve" }],
    people,
    requesterId,
  );
  const left = openIn(then);
  return openIn(now).filter((id) => !left.includes(id));
}

/** Whether the group has a member other than these people. */
function hasDecider(
  requirement: ApprovalRequirement,
  people: readonly Decider[],
  without: readonly string[],
): boolean {
  if (requirement.admin) return false;
  return people.some(
    ({ personId, groups }) => !without.includes(personId) && groups.includes(requirement.group),
  );
}

function speaksFor(person: Decider, requirement: ApprovalRequirement, adminDecides: boolean): boolean {
  return adminDecides ? person.isAdmin : person.groups.includes(requirement.group);
}

/** The requirements that this person may speak for, whoever has; none for the requester. */
export function requirementsFor(
  requirements: readonly ApprovalRequirement[],
  person: Decider,
  people: readonly Decider[],
  requesterId: string,
): ApprovalRequirement[] {
  if (person.personId === requesterId) return [];
  return requirements.filter((requirement) =>
    speaksFor(person, requirement, !hasDecider(requirement, people, [requesterId])),
  );
}
