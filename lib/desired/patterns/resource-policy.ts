import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { sidPrefix, statementsKey } from "#lib/model/resource-key.ts";
import { grantPolicy } from "../context.ts";
import { identityKind, identityRoleArn } from "../identities.ts";
import { identityStatements, resourceStatements, targetOf } from "../statements.ts";
import { needsOtherAccount } from "./objections.ts";
import type { AccessPattern, Fact, Objection, PatternSubject } from "./pattern.ts";

/** A statement of ours is about this long (domain reference §6: 499 bytes), and a grant has at most two. */
const bytesPerGrant = 1_000;

function roomFor(subject: PatternSubject): number | undefined {
  const limits = subject.service.resourcePolicy;
  const usage = subject.target?.policyUsage;
  if (!limits || !usage) return undefined;
  const byBytes = Math.floor((limits.maxBytes - usage.bytes) / bytesPerGrant);
  const byStatements = limits.maxStatements
    ? limits.maxStatements - usage.statements
    : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(byBytes, byStatements));
}

function needsRoom(subject: PatternSubject): Objection[] {
  if (subject.granted) return [];
  const room = roomFor(subject);
  if (room === undefined || room > 0) return [];
  const usage = subject.target?.policyUsage;
  return [
    {
      code: "pattern.resource-policy-full",
      reason: `The ${subject.service.noun}'s policy is full: ${usage?.bytes} of ${subject.service.resourcePolicy?.maxBytes} bytes, ${usage?.statements} statements.`,
      nextStep: "Choose a role in the target's account, which needs no room in the policy.",
    },
  ];
}

function needsResourcePolicy(subject: PatternSubject): Objection[] {
  if (subject.service.resourcePolicy) return [];
  return [
    {
      code: "pattern.no-resource-policy",
      reason: `${subject.service.name} has no resource policies that grant across accounts.`,
      nextStep: "Choose a role in the target's account.",
    },
  ];
}

/** The key's policy would have to name the role too; an AWS managed key's policy can't be edited (ruling 6). */
function needsNoKey(subject: PatternSubject): Objection[] {
  const encryption = subject.target?.encryption;
  if (!encryption) return [];
  const key = encryption.startsWith("arn:") ? `the KMS key ${encryption}` : "an AWS managed KMS key";
  return [
    {
      code: "pattern.resource-policy-encrypted",
      reason: `The ${subject.service.noun} is encrypted with ${key}, which a ${subject.service.noun} policy does not open.`,
      nextStep: "Choose a role in the target's account: it can use the key.",
    },
  ];
}

/** A role in the cluster's account and statements in the target's own policy: both sides must allow. Source: §1 (d). */
export const resourcePolicy: AccessPattern = {
  id: "resource-policy",
  title: "Resource policy",
  summary: "A role in the cluster's account, named in the target's own policy",
  identities: (subject) =>
    subject.sameAccount
      ? []
      : [
          { kind: "home-role", accountId: null },
          ...(subject.cluster.podIdentityAgent ? [{ kind: "pod-identity", accountId: null }] : []),
        ],
  objections: (subject) => [
    ...needsOtherAccount(subject),
    ...needsResourcePolicy(subject),
    ...needsNoKey(subject),
    ...needsRoom(subject),
  ],
  facts(subject) {
    const room = roomFor(subject);
    const facts: Fact[] = [
      { label: "The pod needs", value: "no change beyond its role", tone: "good" },
      { label: "In the target's account", value: "one statement, no role", tone: "good" },
      { label: "Other accounts later", value: "yes", tone: "good" },
    ];
    if (room !== undefined)
      facts.push({
        label: `Room in the ${subject.service.noun} policy`,
        value: `about ${room} more grants`,
        tone: room > 5 ? "good" : "bad",
      });
    return facts;
  },
  attach(grant, context) {
    const roleArn = identityRoleArn(context);
    const target = targetOf(grant, context);
    const statements: CloudResource<"resource-policy-statements"> = {
      kind: "resource-policy-statements",
      accountId: grant.target.accountId,
      region: target.region,
      key: statementsKey(grant.target.arn, sidPrefix(grant.id)),
      body: {
        service: target.service.id,
        resourceArn: grant.target.arn,
        statements: resourceStatements(grant, context, roleArn),
      },
      // A principal must exist before a policy can name it.
      dependsOn: [roleArn],
      owners: [grant.id],
    };
    return [
      grantPolicy(context, identityKind(context).role(context), grant, identityStatements(grant, context)),
      statements,
    ];
  },
  profile: () => null,
};
