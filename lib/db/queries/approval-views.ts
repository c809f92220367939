import {
  type ApprovalRequirement,
  type ApprovalVote,
  type Decider,
  tallyApprovals,
  wouldSatisfy,
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
  const voted = new Set(votes.map(({ personId }) => personId));
  const may = people
    .filter(({ personId }) => !voted.has(personId))
    .map((person) => ({ person, ids: wouldSatisfy(requirements, votes, person, people, requesterId) }));
  return tallyApprovals(requirements, votes, people, requesterId).map((status) => {
    const can = may.filter(({ ids }) => ids.includes(status.id)).map(({ person }) => person);
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
