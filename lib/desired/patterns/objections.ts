import { accountOfKey, isKeyArn } from "#lib/model/key-facts.ts";
import type { Objection, PatternSubject } from "./pattern.ts";

/** Objections that several patterns share. */

export function needsSameAccount(subject: PatternSubject): Objection[] {
  if (subject.sameAccount) return [];
  return [
    {
      code: "pattern.other-account",
      reason: `The ${subject.service.noun} is in account ${subject.away.id}, the cluster in ${subject.home.id}.`,
      nextStep: "Choose a pattern that reaches other accounts, or leave the choice to Drawbridge.",
    },
  ];
}

export function needsOtherAccount(subject: PatternSubject): Objection[] {
  if (!subject.sameAccount) return [];
  return [
    {
      code: "pattern.same-account",
      reason: `The ${subject.service.noun} is in the cluster's own account, so no second account takes part.`,
      nextStep: "Choose a pattern for one account, or leave the choice to Drawbridge.",
    },
  ];
}

export function needsPodIdentityAgent(subject: PatternSubject): Objection[] {
  if (subject.cluster.podIdentityAgent) return [];
  return [
    {
      code: "pattern.no-pod-identity-agent",
      reason: `Cluster ${subject.cluster.name} does not run the EKS Pod Identity Agent.`,
      nextStep: "Install the add-on eks-pod-identity-agent on the cluster, or choose another pattern.",
    },
  ];
}

/** A role can use a customer managed key of its own account (the key's default policy delegates to IAM); no other. */
export function needsKeyInTargetAccount(subject: PatternSubject): Objection[] {
  const key = subject.target?.encryption;
  if (!key?.startsWith("arn:")) return [];
  if (!isKeyArn(key))
    return [
      {
        code: "pattern.key-by-alias",
        reason: `The ${subject.service.noun}'s encryption names its key as ${key}; IAM policies can name keys by their own ARN only.`,
        nextStep: `Ask the owner to set the key's ARN in the ${subject.service.noun}'s encryption settings.`,
      },
    ];
  if (accountOfKey(key) === subject.away.id) return [];
  return [
    {
      code: "pattern.key-in-third-account",
      reason: `The ${subject.service.noun} is encrypted with ${key}, a key outside its own account.`,
      nextStep:
        "Ask the owner for a key in the target's account: grants on keys elsewhere are not supported yet.",
    },
  ];
}
