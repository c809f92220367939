import {
  type ApprovalRequirement,
  type ApprovalVote,
  type Decider,
  requirementsFor,
  wouldSatisfy,
} from "#lib/model/approvals.ts";
import { type DriftFinding, isRepairable } from "#lib/model/drift.ts";
import { failuresBeforeGivingUp } from "#lib/model/giving-up.ts";
import type { GrantChangeWord } from "#lib/model/grant-change.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import {
  canMove,
  type GrantState,
  type RequestState,
  type RunState,
  statesBefore,
} from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";
import { givenBackIn } from "#lib/plan/drift.ts";
import type { RequestPermissions } from "./queries/views/request.ts";
import { adminsOnly, conflict, forbidden } from "./refusals.ts";
import { ownsAccount, ownsNamespace, type Scope, speaksFor } from "./visibility.ts";

/**
 * What a person may do with a request, a grant or a run. The use cases refuse by these and the pages show their
 * buttons by these, so that the two can't differ.
 */

/** How a request stands, as far as it decides what may be done with it. */
export interface RequestStanding {
  state: RequestState;
  requesterId: string;
  workload: Workload;
  accountIds: readonly string[];
  requirements: readonly ApprovalRequirement[];
  /** What an approval has to name in writing; null: nothing. */
  confirmation: string | null;
  /** On the current version. */
  votes: readonly ApprovalVote[];
  preflight: { state: string; finished: boolean; findings: readonly PreflightFinding[] };
  /** The first end date among its grants has passed. */
  expired: boolean;
}

export function requestPermissions(
  standing: RequestStanding,
  scope: Scope,
  people: readonly Decider[],
): RequestPermissions {
  const me = people.find((person) => person.personId === scope.personId);
  const { requirements, votes, requesterId } = standing;
  const ids = me ? requirementsFor(requirements, me, people, requesterId).map(({ id }) => id) : [];
  const satisfies = me ? wouldSatisfy(requirements, votes, me, people, requesterId) : [];
  const review = reviewRefusal(standing, scope, ids);
  return {
    // Where others have approved for the same groups already, it adds to theirs.
    satisfies: satisfies.length > 0 ? satisfies : ids,
    approve: review ?? approvalRefusal(standing),
    confirmation: standing.confirmation,
    requestChanges: review,
    reject: review,
    comment: takesPart(standing, scope)
      ? null
      : forbidden("Auditors read requests and don't take part in them.", "Ask one of its approvers."),
    withdraw: authorRefusal(standing, scope, "withdraw", statesBefore("request", "withdrawn")),
    revise: authorRefusal(standing, scope, "revise", ["in_review", ...statesBefore("request", "in_review")]),
  };
}

/** Self-approval is refused first, whatever else the person is. */
function reviewRefusal(standing: RequestStanding, scope: Scope, satisfies: string[]): Refusal | null {
  if (standing.requesterId === scope.personId)
    return forbidden(
      "You asked for this, so you can't review it.",
      "Another owner must decide; where there is none, an admin.",
    );
  if (standing.state !== "in_review") return conflict(`This request is ${inWords(standing.state)}.`);
  if (satisfies.length === 0)
    return forbidden(
      "You are in none of the groups that decide on this request.",
      "Ask one of the approvers named on it.",
    );
  if (standing.votes.some((vote) => vote.personId === scope.personId))
    return refusal(
      "review.already",
      "",
      "You have reviewed this version already.",
      "Wait for the others, or for the next version.",
    );
  return null;
}

function approvalRefusal({ preflight, expired }: RequestStanding): Refusal | null {
  if (!preflight.finished)
    return refusal(
      "preflight.unfinished",
      "",
      "The live check of both accounts has not finished.",
      "Wait a moment: it takes some seconds.",
    );
  const errors = preflight.findings.filter((finding) => finding.severity === "error");
  if (preflight.state === "failed" || errors.length > 0)
    return refusal(
      "preflight.errors",
      "",
      `The live check found what would make it fail: ${errors.map((error) => error.title).join("; ") || "it could not run"}.`,
      "Mend that, or ask for changes; a new version is checked again.",
    );
  if (expired)
    return refusal(
      "expiry.past",
      "",
      "The end date that it asks for has passed.",
      "Ask the requester for a new version with a later date.",
    );
  return null;
}

/** High risk is confirmed in writing: nobody opens an account by a key pressed in passing. */
export function confirmationRefusal(
  { confirmation }: Pick<RequestStanding, "confirmation">,
  typed: string,
): Refusal | null {
  if (confirmation === null || typed.trim() === confirmation) return null;
  return refusal(
    "confirmation.missing",
    "confirmation",
    `The risk is high, so an approval names what it opens: ${confirmation}.`,
    "Type it as it stands there.",
  );
}

function authorRefusal(
  { state, requesterId }: RequestStanding,
  scope: Scope,
  verb: string,
  states: readonly RequestState[],
): Refusal | null {
  if (requesterId !== scope.personId)
    return forbidden(`Only the person who made a request can ${verb} it.`, "Leave a comment for them.");
  return states.includes(state) ? null : conflict(`This request is ${inWords(state)}.`);
}

function inWords(state: string): string {
  return state.replaceAll("_", " ");
}

/** Everyone who sees a request takes part in it, but for those who only see everything. */
function takesPart(standing: RequestStanding, scope: Scope): boolean {
  return (
    scope.admin ||
    standing.requesterId === scope.personId ||
    ownsNamespace(scope, standing.workload) ||
    standing.accountIds.some((id) => ownsAccount(scope, id))
  );
}

export interface GrantStanding {
  state: GrantState;
  ownerId: string;
  workload: Workload;
  targetAccountId: string;
}

/** Revoking needs no review: the requester, the namespace's owners, either account's owners or an admin may. */
function operates(grant: GrantStanding, scope: Scope): boolean {
  return (
    scope.admin ||
    grant.ownerId === scope.personId ||
    ownsNamespace(scope, grant.workload) ||
    ownsAccount(scope, grant.workload.cluster.accountId) ||
    ownsAccount(scope, grant.targetAccountId)
  );
}

const operators = "Ask the person who asked for it, an owner of either account, or an admin.";

export function revokeRefusal(grant: GrantStanding, scope: Scope): Refusal | null {
  if (!operates(grant, scope)) return forbidden("You may see this access but not revoke it.", operators);
  return canMove("grant", grant.state, "revoking")
    ? null
    : conflict(`This access is ${inWords(grant.state)} already.`);
}

/** How a grant stands, as far as it decides whether it may be renewed or changed. */
export interface ChangeStanding {
  state: GrantState;
  /** Its end date has come. */
  ended: boolean;
  /** Of the change that has not come to its end; null: none. */
  run: { state: RunState; change: GrantChangeWord | null } | null;
  /** The number of the request for a change that is not decided yet. */
  openRequest: number | null;
}

/** Whoever sees an access may ask for another form of it, as anyone may ask for a new one: its owners decide. */
export function changeRefusal({ state, ended, run, openRequest }: ChangeStanding): Refusal | null {
  if (state !== "active" || ended)
    return refusal(
      "change.not-active",
      "",
      ended && state === "active" ? "This access has ended." : `This access is ${inWords(state)}.`,
      "Only active access is renewed or changed. Ask for new access once it is gone.",
    );
  if (openRequest !== null)
    return refusal(
      "change.open",
      "",
      `A change of this access is under review already: request #${openRequest}.`,
      "Wait for the decision, or have that request revised or withdrawn.",
      { label: `Request #${openRequest}`, href: `/requests/${openRequest}` },
    );
  if (run && run.state !== "failed")
    return conflict("A change of this access is being carried out. Ask again when it has finished.");
  return null;
}

/** A change that failed may be undone by whoever may revoke: what was there before was approved as well. */
export function rollBackRefusal(grant: GrantStanding, change: ChangeStanding, scope: Scope): Refusal | null {
  if (!operates(grant, scope)) return forbidden("You may see this access but not roll it back.", operators);
  if (grant.state !== "active") return conflict(`This access is ${inWords(grant.state)}.`);
  if (!change.run) return conflict("This access is as approved: there is no change to roll back.");
  if (change.run.state !== "failed")
    return conflict(`The change is ${inWords(change.run.state)}: only a failed one is rolled back.`);
  return change.run.change === "roll-back"
    ? conflict("It is being rolled back already. Retry that run, or ask for another change.")
    : null;
}

/** What a repair of a grant would meet. */
export interface DriftStanding {
  findings: readonly DriftFinding[];
  /** The grant's accounts. */
  accounts: readonly { id: string; name: string; ownerGroup: string }[];
  /** A run is queued for the grant, or at work on it. */
  busy: boolean;
  /** A change of it has not come to its end: it is on its way, or has failed where no run is at work. */
  changing: boolean;
}

/**
 * A repair restores what was approved and gives nothing new: whoever may revoke may do it. What was taken away in an
 * account is given back by its owners, or an admin.
 */
export function repairRefusal(grant: GrantStanding, drift: DriftStanding, scope: Scope): Refusal | null {
  if (!operates(grant, scope)) return forbidden("You may see this access but not repair it.", operators);
  if (grant.state !== "active") return conflict(`This access is ${inWords(grant.state)}.`);
  if (drift.busy)
    return conflict(
      drift.changing ? "This access is being changed." : "A run is at work on this access already.",
    );
  const stuck = drift.findings.find(({ effect, repairable }) => effect !== "unknown" && !repairable);
  if (stuck)
    return refusal("repair.impossible", "", `${stuck.title}, which no repair mends.`, stuck.nextStep);
  if (!isRepairable(drift.findings))
    return refusal(
      "repair.nothing",
      "",
      "Nothing was found that differs from what was approved.",
      "Check again if you think that something does.",
    );
  // It was found before the change was asked for.
  if (drift.changing)
    return refusal(
      "repair.impossible",
      "",
      "The last change of this access failed, so there is no one form that a repair could put back.",
      "Retry the change or roll it back.",
    );
  return ownersWordRefusal(drift, scope);
}

/** Decision 0026: what somebody took away by hand may have been meant. */
function ownersWordRefusal({ findings, accounts }: DriftStanding, scope: Scope): Refusal | null {
  const back = givenBackIn(findings);
  if (back.every((id) => speaksFor(scope, id))) return null;
  const concerned = accounts.filter(({ id }) => back.includes(id));
  const names = concerned.map(({ id, name }) => (name === id ? id : `${name} (${id})`)).join(" and ");
  const groups = [...new Set(concerned.map(({ ownerGroup }) => ownerGroup))];
  const owners = groups.length > 1 ? `somebody who is in ${groups.join(" and ")}` : groups.join("");
  return refusal(
    "repair.owner",
    "",
    `Something of this access was taken away in ${names}, or may have been, and a repair gives it back. That is for the owners to say.`,
    `Ask ${owners}, or an admin, to repair it on this page. If it is not to work any more, revoke it.`,
  );
}

export function manifestRefusal(grant: GrantStanding, scope: Scope): Refusal | null {
  if (!operates(grant, scope))
    return forbidden("You may see this access but not hand out its manifest.", operators);
  return grant.state === "active"
    ? null
    : refusal(
        "grant.not-active",
        "",
        `This access is ${inWords(grant.state)}, so its manifest would not work.`,
        "Wait until it is active.",
      );
}

export interface RunStanding {
  state: RunState;
  kind: string;
  requesterId: string | null;
  accountIds: readonly string[];
  /** A run with one of its grants, this one or another, is queued or at work. */
  busy: boolean;
  /** How often it has failed, counted as far as it matters. */
  failures: number;
  /**
   * Of its grants. `changing`: the run leads the live grant to another form. `takenOver`: a later revocation is about it,
   * since it was revoked once more.
   */
  grants: readonly { state: GrantState; wanted: boolean; changing: boolean; takenOver: boolean }[];
}

export function retryRefusal(run: RunStanding, scope: Scope): Refusal | null {
  const may =
    scope.admin || run.requesterId === scope.personId || run.accountIds.some((id) => ownsAccount(scope, id));
  if (!may) return forbidden("You may see this run but not retry it.", operators);
  if (run.state !== "failed")
    return conflict(`This run is ${inWords(run.state)}; only failed runs are retried.`);
  const wanted = run.kind !== "revoke";
  const failed = run.grants.filter(
    (grant) =>
      grant.wanted === wanted &&
      !grant.takenOver &&
      // What is repaired stays active, whatever becomes of the run.
      (run.kind === "repair"
        ? grant.state === "active" && !grant.changing
        : grant.state === "failed" || (grant.state === "active" && grant.changing)),
  );
  if (failed.length > 0) return null;
  return isGivenUp(run)
    ? conflict("This revocation was given up. To take it up again, revoke the access on its page.")
    : conflict("Another run has taken over the access that this one was about.");
}

/** A revocation of which nothing is tried any more. */
export function isGivenUp({ kind, grants }: Pick<RunStanding, "kind" | "grants">): boolean {
  return kind === "revoke" && grants.length > 0 && grants.every(({ state }) => state === "given_up");
}

/**
 * A revocation that can't come to its end, of an account that was closed for good, say. Nobody but an admin leaves
 * something in AWS, and nobody does at the first failure.
 */
export function giveUpRefusal(run: RunStanding, scope: Scope): Refusal | null {
  if (!scope.admin) return adminsOnly;
  if (run.kind !== "revoke")
    return conflict("Only a revocation is given up: what was not made is rolled back.");
  if (isGivenUp(run)) return conflict("This revocation was given up already.");
  if (run.busy) return conflict("It is being tried again at this moment: wait for what comes of it.");
  if (run.state !== "failed")
    return conflict(`There is nothing to give up: this run is ${inWords(run.state)}.`);
  if (!run.grants.some(({ state, wanted, takenOver }) => state === "failed" && !wanted && !takenOver))
    return conflict("Another run has taken over the access that this one was about.");
  return run.failures < failuresBeforeGivingUp
    ? refusal(
        "give-up.too-early",
        "",
        `This revocation has failed ${run.failures} of the ${failuresBeforeGivingUp} times after which an admin may give it up, for an account that was closed for good.`,
        "Drawbridge tries again by itself: at first every few minutes, later once an hour.",
      )
    : null;
}

/** What may be left is named in writing: nobody leaves access in an account by a click in passing. */
export function giveUpConfirmationRefusal(accounts: string, typed: string): Refusal | null {
  return typed.trim() === accounts
    ? null
    : refusal(
        "confirmation.missing",
        "confirmation",
        `Something of it may be left in ${accounts}, which giving it up has to name.`,
        "Type it as it stands there.",
      );
}

/**
 * A first provisioning that failed may be undone by whoever may revoke all that is left of it.
 *
 * @param left its grants that failed and are not taken back yet
 */
export function rollBackRunRefusal(
  run: RunStanding,
  left: readonly GrantStanding[],
  scope: Scope,
): Refusal | null {
  if (!left.every((grant) => operates(grant, scope)))
    return forbidden("You may see this run but not roll it back.", operators);
  if (run.kind !== "provision" || run.grants.some(({ changing }) => changing))
    return conflict("Only a run that was to make new access is rolled back here.");
  if (run.state !== "failed")
    return conflict(`This run is ${inWords(run.state)}; only failed runs are rolled back.`);
  return left.length > 0 ? null : conflict("Nothing of this run is left to roll back.");
}
