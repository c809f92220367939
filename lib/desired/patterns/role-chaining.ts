import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { grantPolicy, type WorkloadContext, workloadRole, workloadRoleArn } from "../context.ts";
import { assumePermission, identityKind, identityRoleArn } from "../identities.ts";
import { chainExternalId, profileName } from "../names.ts";
import { identityStatements } from "../statements.ts";
import { chainedTagTrust, chainedTrust } from "../trust.ts";
import { needsKeyInTargetAccount, needsOtherAccount } from "./objections.ts";
import type { AccessPattern } from "./pattern.ts";

const purpose = "target";

/** The grants of the workload that share the target role in the grant's account. */
function siblings(grant: Grant, context: WorkloadContext): string[] {
  return context.grants
    .filter((other) => other.pattern === grant.pattern && other.target.accountId === grant.target.accountId)
    .map((other) => other.id);
}

/** A role in the target's account that trusts exactly the workload's role. Source: §1 (c), rulings 1 and 2. */
function targetRole(grant: Grant, context: WorkloadContext): CloudResource<"role"> {
  const { accountId } = grant.target;
  const source = identityRoleArn(context);
  const externalId = chainExternalId(context.estate.installation, context.workload, accountId);
  const tagged = identityKind(context).source === "container";
  const { cluster, namespace, serviceAccount } = context.workload;
  return workloadRole(context, accountId, purpose, {
    trust: [chainedTrust(source, externalId), ...(tagged ? [chainedTagTrust(context, source)] : [])],
    description: `Drawbridge: target role of service account ${namespace}/${serviceAccount} on EKS cluster ${cluster.name}`,
    dependsOn: [source],
    owners: siblings(grant, context),
  });
}

export const roleChaining: AccessPattern = {
  id: "role-chaining",
  title: "Role chaining",
  summary: "A role in the cluster's account assumes a role in the target's account",
  identities: (subject) =>
    subject.sameAccount
      ? []
      : [
          { kind: "home-role", accountId: null },
          ...(subject.cluster.podIdentityAgent ? [{ kind: "pod-identity", accountId: null }] : []),
        ],
  defaultsToTarget: true,
  objections: (subject) => [...needsOtherAccount(subject), ...needsKeyInTargetAccount(subject)],
  facts: () => [
    { label: "The pod needs", value: "an annotation and a mounted AWS config file", tone: "neutral" },
    { label: "Session", value: "1 h at most, an AWS limit for chained roles", tone: "neutral" },
    { label: "Other accounts later", value: "yes, one target role an account", tone: "good" },
    { label: "Java SDK", value: "needs code: it reads web identity before profiles", tone: "bad" },
  ],
  attach(grant, context) {
    const role = targetRole(grant, context);
    const { accountId } = grant.target;
    const tagged = identityKind(context).source === "container";
    return [
      role,
      assumePermission(
        context,
        identityKind(context).role(context),
        { accountId, roleArn: role.key, owners: siblings(grant, context) },
        tagged,
      ),
      grantPolicy(context, { accountId, purpose }, grant, identityStatements(grant, context)),
    ];
  },
  profile(grant, context) {
    const { accountId } = grant.target;
    return {
      name: profileName(accountId),
      accountId,
      roleArn: workloadRoleArn(context, accountId, purpose),
      externalId: chainExternalId(context.estate.installation, context.workload, accountId),
    };
  },
};
