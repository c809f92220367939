import type { DriftEffect } from "#lib/model/drift.ts";

/** What one kind of difference is called, what it means and what to do: `what` is the thing's name. */
interface Words {
  title: (what: string) => string;
  means: string;
  nextStep: string;
  /** Where it follows from the kind; a changed document says it for itself. */
  effect?: DriftEffect;
  repairable: boolean;
  /** A repair may give back what somebody took away, though the effect does not say so. */
  givesBack?: true;
}

const repair = "Repair puts back exactly what was approved.";
const cloudTrail = "CloudTrail in that account says who changed it, and who has used it since.";
const repairNow = `Repair at once. ${cloudTrail}`;
const restart = `${repair} Pods that have given up need a restart afterwards.`;

/** By the effect that was found, for documents that say who may do what. */
const changed = (
  thing: (what: string) => string,
  means: { wider: string; narrower: string; both: string },
): Record<string, Words> => ({
  wider: {
    title: (what) => `${thing(what)} allows more than was approved`,
    means: means.wider,
    nextStep: repairNow,
    repairable: true,
  },
  narrower: {
    title: (what) => `${thing(what)} allows less than was approved`,
    means: means.narrower,
    nextStep: repair,
    repairable: true,
  },
  both: {
    title: (what) => `${thing(what)} allows something else than was approved`,
    means: means.both,
    nextStep: repairNow,
    repairable: true,
  },
  undecided: {
    title: (what) => `${thing(what)} was changed`,
    means:
      "It is not the document that was approved. Nothing was found that it allows in addition, or no longer, but that is no proof.",
    nextStep: repair,
    repairable: true,
  },
});

const prefixed = (prefix: string, words: Record<string, Words>): [string, Words][] =>
  Object.entries(words).map(([effect, row]) => [`${prefix}.${effect}`, row]);

/**
 * What to do about a difference that a repair would end, while the last change of the access has failed. A run that gives
 * access stops at policies which nobody approved, so those have to go first.
 */
export const afterFailedChange = {
  foreign:
    "Ask the account's owner to take it off; then retry the last change of this access, which failed, or roll it back. Neither goes on before that.",
  wider: `Retry the last change of this access, which failed, or roll it back, at once: either writes this anew. ${cloudTrail}`,
  other: "Retry the last change of this access, which failed, or roll it back: either writes this anew.",
};

/** What to do where the approval of a live access is not of what would be made today: it need not be lost. */
export const reviewedAnew =
  "Renew this access or ask for a change of it: what it would get today is then reviewed, and it stays live meanwhile. Where neither is possible, revoke it and ask for it again.";

/** Kind of difference → words. One place for the pages, the history and the tests. */
export const driftWords: Record<string, Words> = {
  "role.deleted": {
    title: (what) => `${what} was deleted`,
    means:
      "Nothing that rests on this role works. Policies that named it keep the deleted role's id, so a role of the same name gains nothing until they are renewed.",
    nextStep: `Repair makes the role again with its policies, and renews what names it. Pods that have given up need a restart afterwards.`,
    effect: "narrower",
    repairable: true,
  },
  "role.boundary-missing": {
    title: (what) => `The permissions boundary was taken off ${what}`,
    means:
      "Nothing limits any longer what a policy on this role can allow. The access itself works as before.",
    nextStep: repairNow,
    effect: "wider",
    repairable: true,
  },
  "role.boundary-changed": {
    title: (what) => `${what} has another permissions boundary`,
    means:
      "The role may be able to do more than its account allows Drawbridge to give, or less than was approved.",
    nextStep: repairNow,
    effect: "undecided",
    repairable: true,
  },
  "role.attached-policy": {
    title: (what) => `A policy that nobody approved is attached to ${what}`,
    means:
      "The role can do what that policy allows, within its permissions boundary. Drawbridge may not read what it says: if it denies something, somebody may have cut off the access with it.",
    nextStep: `Repair detaches it: what the role may do stands in its own policies. ${cloudTrail}`,
    effect: "wider",
    repairable: true,
    givesBack: true,
  },
  "role.attached-deny": {
    title: (what) => `A policy of AWS's that only denies is attached to ${what}`,
    means:
      "It takes away from what was approved. AWS, or somebody in the account, may have cut off the access with it because of an incident.",
    nextStep:
      "Ask the account's owner why it is there before anything else: repair detaches it, and whoever it keeps out gets in again. Revoke this access if it is not to work any more.",
    effect: "narrower",
    repairable: true,
  },
  "role.retiring": {
    title: (what) => `The deletion of ${what} was begun`,
    means:
      "It bears the mark, or the policy, by which Drawbridge cuts off the sessions of a role that it deletes. Nothing of Drawbridge's deletes it now.",
    nextStep:
      "Ask the account's owner why: repair takes both off, and whoever is cut off gets in again. Revoke this access if it is not to work any more.",
    effect: "narrower",
    repairable: true,
  },
  "role.settings": {
    title: (what) => `Settings of ${what} were changed`,
    means: "Who may take on the role, and what it may do, is as approved.",
    nextStep: repair,
    effect: "none",
    repairable: true,
  },
  "role.tags": {
    title: (what) => `Tags of ${what} were changed`,
    means:
      "The access works. The tags say for which workload the role was made; without them nobody can tell.",
    nextStep: repair,
    effect: "none",
    repairable: true,
  },
  ...Object.fromEntries(
    prefixed(
      "trust",
      changed((what) => `the trust policy of ${what}`, {
        wider: "Others than the approved workload may take on this role, and with it all that it may do.",
        narrower: "Pods of the service account may be refused when they ask for credentials.",
        both: "Others than the approved workload may take on this role, while its own pods may be refused.",
      }),
    ),
  ),
  "trust.dangling": {
    title: (what) => `The trust policy of ${what} names a role that was deleted`,
    means:
      "AWS shows the deleted role's id in place of its name. A new role of that name is not let in until the policy is written anew.",
    nextStep: "Repair makes the deleted role again and renews what names it.",
    effect: "narrower",
    repairable: true,
  },
  "policy.foreign": {
    title: (what) => `${what} was not made by Drawbridge`,
    means:
      "The role can do what that policy allows, within its permissions boundary, and nobody approved it.",
    nextStep: `Repair removes it: a role of Drawbridge's carries approved permissions alone. Whoever needs more has to ask for it.`,
    effect: "wider",
    repairable: true,
  },
  "policy.foreign-deny": {
    title: (what) => `${what} was not made by Drawbridge, and only denies`,
    means:
      "It takes away from what was approved. Somebody may have cut off the role's sessions with it, or the access itself, because of an incident.",
    nextStep:
      "Ask the account's owner why it is there before anything else: repair removes it, and whoever it keeps out gets in again. Revoke this access if it is not to work any more.",
    effect: "narrower",
    repairable: true,
  },
  "policy.deleted": {
    title: (what) => `${what} was deleted`,
    means: "The pods still become the role, but AWS refuses them what the access was for.",
    nextStep: repair,
    effect: "narrower",
    repairable: true,
  },
  ...Object.fromEntries(
    prefixed(
      "policy",
      changed((what) => what, {
        wider: "The workload may do more than was approved, within the permissions boundary.",
        narrower: "The workload can't do all that was approved.",
        both: "The workload may do something that nobody approved, and can't do all that was approved.",
      }),
    ),
  ),
  "statements.deleted": {
    title: (what) => `The statements of this access were taken out of ${what}`,
    means: "The resource no longer lets the workload in. Statements of others are not touched by this.",
    nextStep: `${repair} The statements of others stay as they are.`,
    effect: "narrower",
    repairable: true,
  },
  ...Object.fromEntries(
    prefixed(
      "statements",
      changed((what) => `the part of this access in ${what}`, {
        wider: "The resource lets in others, or allows more, than was approved.",
        narrower: "The resource refuses the workload some or all of what was approved.",
        both: "The resource lets in others than was approved, and refuses the workload.",
      }),
    ),
  ),
  "statements.dangling": {
    title: (what) => `The part of this access in ${what} names a role that was deleted`,
    means:
      "AWS shows the deleted role's id in place of its name. A new role of that name is not let in until the policy is written anew.",
    nextStep:
      "Repair makes the deleted role again and renews what names it. The statements of others stay as they are.",
    effect: "narrower",
    repairable: true,
  },
  "association.deleted": {
    title: (what) => `${what} was deleted`,
    means:
      "New pods of the service account get no credentials; running ones keep theirs for up to six hours.",
    nextStep: restart,
    effect: "narrower",
    repairable: true,
  },
  "association.redirected": {
    title: (what) => `${what} leads to another role`,
    means:
      "Pods of the service account become another role than the approved one, and lack what was approved.",
    nextStep: `${repairNow} Restart the pods afterwards: they keep the other role's credentials for up to six hours.`,
    effect: "both",
    repairable: true,
  },
  "association.tags": {
    title: (what) => `Tags of ${what} were changed`,
    means: "The access works. The tags say for which workload it was made; without them nobody can tell.",
    nextStep: repair,
    effect: "none",
    repairable: true,
  },
  "provider.deleted": {
    title: (what) => `${what} was deleted`,
    means:
      "The account no longer accepts tokens of this cluster: no workload of the cluster gets credentials of roles there.",
    nextStep: restart,
    effect: "narrower",
    repairable: true,
  },
  "provider.client-ids": {
    title: (what) => `${what} lacks the audience of the pods' tokens`,
    means:
      "The account no longer accepts tokens of this cluster: no workload of the cluster gets credentials of roles there.",
    nextStep: restart,
    effect: "narrower",
    repairable: true,
  },
  "provider.tags": {
    title: (what) => `Tags of ${what} were changed`,
    means: "The access works as before.",
    nextStep: repair,
    effect: "none",
    repairable: true,
  },
  "role.not-ours": {
    title: (what) => `${what} no longer bears the tags that say it is Drawbridge's`,
    means:
      "It may have been made anew by somebody, or only its tags were taken off. Drawbridge doesn't touch what is not marked as its own.",
    nextStep:
      "An owner of the account puts the tags back, if it is still the same role, or deletes it; then check again. Otherwise revoke the access and ask for it anew.",
    effect: "undecided",
    repairable: false,
  },
  "provider.not-ours": {
    title: (what) => `${what} is somebody else's and does not fit`,
    means:
      "The account no longer accepts tokens of this cluster, and Drawbridge doesn't touch what others made.",
    nextStep: "Ask its owner to add the audience sts.amazonaws.com, then check again.",
    effect: "narrower",
    repairable: false,
  },
  "association.not-ours": {
    title: (what) => `${what} can't be used as it is`,
    means: "The pods get credentials of another role, or without the tags that the trust policies ask for.",
    nextStep: "An owner of the cluster's account removes it; then check again, and repair.",
    effect: "both",
    repairable: false,
  },
  "boundary.opened": {
    title: (what) => `${what} allows more than was agreed`,
    means:
      "It limits every role that Drawbridge makes in the account, and somebody has opened it: a policy that is put on one of them allows what the account's owner meant to keep out. What this access itself may do stands in its own policies.",
    nextStep: `Ask the account's owner to deploy the onboarding template again, which puts the boundary back; then check again. Drawbridge may not change it, and makes or changes no role under it until then. ${cloudTrail}`,
    effect: "wider",
    repairable: false,
  },
  "boundary.deleted": {
    title: (what) => `${what} is not there any more`,
    means: "A role whose boundary is gone may do nothing, and no role is made without it.",
    nextStep: "Ask the account's owner to deploy the onboarding template again; then check again.",
    effect: "narrower",
    repairable: false,
  },
  "boundary.narrowed": {
    title: (what) => `${what} does not allow all that was approved`,
    means: "It limits every role that Drawbridge makes in the account, so AWS refuses part of this access.",
    nextStep: "Ask the account's owner to deploy the onboarding template again; then check again.",
    effect: "narrower",
    repairable: false,
  },
  "provider.opened": {
    title: (what) => `${what} accepts more audiences than were approved`,
    means:
      "The roles of this access name the approved audience, so they still take no other tokens; other roles that trust the provider may.",
    nextStep: "Ask the account's owner to take the other audiences out of it; then check again.",
    effect: "undecided",
    repairable: false,
  },
  "target.gone": {
    title: (what) => `${what} can't carry its statements any more`,
    means:
      "The target was deleted, or its name belongs to another account by now: there is nothing to have access to.",
    nextStep:
      "Revoke the access; or, where nobody else has taken the name, ask the account's owner to make the target again, and check again.",
    effect: "narrower",
    repairable: false,
  },
  "cluster.recreated": {
    title: (what) => `The cluster ${what} was made anew`,
    means:
      "A new cluster of the same name has a new OIDC issuer, and the approval was about the old one: documents that name its issuer refuse the new pods, and Pod Identity associations went with it. Neither can be repaired: to trust the new cluster is for the owners to approve.",
    nextStep:
      "Revoke all access that this service account has from before, then ask for it again: the new request names the new cluster's issuer.",
    effect: "narrower",
    repairable: false,
  },
  "cluster.gone": {
    title: (what) => `The cluster ${what} is not there any more`,
    means: "No pod can use the access.",
    nextStep: "Revoke the access. If the cluster is made again, ask for it anew.",
    effect: "narrower",
    repairable: false,
  },
  "approval.outdated": {
    title: (what) => `What ${what} would get today is not what was approved`,
    means:
      "Settings of the account, the cluster or the target in Drawbridge have changed since. What is compared here are today's documents.",
    nextStep: `No repair mends that. ${reviewedAnew}`,
    effect: "undecided",
    repairable: false,
  },
  unreadable: {
    title: (what) => `${what} could not be read`,
    means: "Whether it is as approved is not known. That is no drift.",
    nextStep: "See to it that Drawbridge can read the account, then check again.",
    effect: "unknown",
    repairable: false,
  },
};
