import {
  type ApprovalRequirement,
  type ApprovalVote,
  type Decider,
  requirementsFor,
  tallyApprovals,
} from "#lib/model/approvals.ts";
import type { PersonView } from "./views/common.ts";
import type { ApprovalView } from "./views/request.ts";

const shownCandidates = 5;

/** Who must approve, who has, and who can. */
export function approvalViews(
  requirements: readonly ApprovalRequirement[],
  votes: readonly ApprovalVote[],
  people: readonly (Decider & PersonView)[],
  requesterId: string,
): ApprovalView[] {
  const statuses = tallyApprovals(requirements, votes, people, requesterId);
  const admin = statuses.find((status) => status.admin)?.satisfiedBy;
  return statuses.map((status) => {
    const can = people.filter(
      (person) =>
        person.personId !== admin && requirementsFor([status], person, people, requesterId).length > 0,
    );
    return {
      ...status,
      approvedBy: personView(people.find((person) => person.id === status.satisfiedBy)),
      candidates: can.slice(0, shownCandidates).flatMap((person) => personView(person) ?? []),
    };
  });
}

function personView(person: PersonView | undefined): PersonView | null {
  return person ? { id: person.id, name: person.name, email: person.email } : null;
}
