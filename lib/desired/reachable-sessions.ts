import { type Partition, parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { clusterArn } from "#lib/model/cluster.ts";
import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { type Workload, workloadSubject } from "#lib/model/workload.ts";
import { type CallerPrincipal, evaluateTrust, type PolicySet } from "#lib/policy/evaluate.ts";
import { fulfilled, roleSession } from "#lib/policy/intended.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { stsAudience } from "./trust.ts";

type Context = Record<string, string | string[]>;

/** What decides about access, as AWS has it. */
export interface AccessDocuments {
  /** Resources with the bodies that were read. */
  resources: readonly CloudResource[];
  /** ARN of a permissions boundary → its document. */
  boundaries: ReadonlyMap<string, PolicyDocument>;
  /** ARN of a target → its whole policy. */
  policies: ReadonlyMap<string, PolicyDocument>;
}

/** A role that a pod has become. */
export interface Session {
  roleArn: string;
  principal: CallerPrincipal;
  /** Session tags, which a chain carries on. */
  tags: Record<string, string>;
}

/**
 * Whose the pod is: the workload's own; one of a neighbour, whom somebody may have bound to any role, so that the
 * trust policies alone have to refuse it; or one of a cluster with another issuer.
 */
export type PodOf = "itself" | "impostor" | "other-cluster";

const issuerOfAnotherCluster = (issuer: string) => issuer.replace(/[^/]+$/, "0".repeat(32));

/** Every session that the pod can get: by its token, by the agent on its node, and by chaining from there. */
export function sessionsOf(
  desired: readonly CloudResource[],
  documents: AccessDocuments,
  pod: Workload,
  of: PodOf,
): Session[] {
  const first = [...byToken(documents, pod, of), ...byAgent(documents, pod, of)];
  return [...first, ...first.flatMap((session) => chained(desired, documents, session))];
}

function rolesOf({ resources }: AccessDocuments): CloudResource<"role">[] {
  return resources.filter((one): one is CloudResource<"role"> & CloudResource => one.kind === "role");
}

function byToken(documents: AccessDocuments, pod: Workload, of: PodOf): Session[] {
  return documents.resources.flatMap((provider) => {
    if (provider.kind !== "oidc-provider" || !provider.body.clientIds.includes(stsAudience)) return [];
    const { accountId, body, key } = provider;
    // An account may trust other clusters too.
    const issuer = of === "other-cluster" ? issuerOfAnotherCluster(body.issuer) : body.issuer;
    const caller: CallerPrincipal = { kind: "federated", provider: key.replace(body.issuer, issuer) };
    const claims = { [`${issuer}:aud`]: stsAudience, [`${issuer}:sub`]: workloadSubject(pod) };
    return rolesOf(documents)
      .filter((role) => role.accountId === accountId)
      .filter((role) => trusts(role, caller, ["sts:AssumeRoleWithWebIdentity"], claims))
      .map((role) => ({ roleArn: role.key, principal: roleSession(role.key, "pod"), tags: {} }));
  });
}

/** Source: EKS User Guide, "Grant Pods access to AWS resources based on tags": the agent's six session tags. */
function byAgent(documents: AccessDocuments, pod: Workload, of: PodOf): Session[] {
  const agent: CallerPrincipal = { kind: "service", service: "pods.eks.amazonaws.com" };
  return rolesOf(documents).flatMap((role) => {
    if (role.accountId !== pod.cluster.accountId) return [];
    if (of === "itself" && !isAssociated(documents, pod, role.key)) return [];
    const partition = parseArn(role.key)?.partition as Partition;
    const tags = {
      "eks-cluster-arn": clusterArn(pod.cluster, partition),
      "eks-cluster-name": pod.cluster.name,
      "kubernetes-namespace": pod.namespace,
      "kubernetes-service-account": pod.serviceAccount,
      "kubernetes-pod-name": "pod-1",
      "kubernetes-pod-uid": "uid-1",
    };
    const actions = ["sts:AssumeRole", "sts:TagSession"];
    return trusts(role, agent, actions, tagContext(tags))
      ? [{ roleArn: role.key, principal: roleSession(role.key, "pod"), tags }]
      : [];
  });
}

function isAssociated({ resources }: AccessDocuments, pod: Workload, roleArn: string): boolean {
  return resources.some(
    (one) =>
      one.kind === "pod-identity-association" &&
      one.body.clusterName === pod.cluster.name &&
      one.body.namespace === pod.namespace &&
      one.body.serviceAccount === pod.serviceAccount &&
      one.body.roleArn === roleArn,
  );
}

/** The roles that a session can go on to, with the ExternalId that the pod's configuration gives. */
function chained(desired: readonly CloudResource[], documents: AccessDocuments, from: Session): Session[] {
  const tagged = Object.keys(from.tags).length > 0;
  const actions = tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
  return rolesOf(documents).flatMap((role) => {
    if (role.key === from.roleArn) return [];
    const externalId = externalIdOf(desired, role.key);
    const context: Context = {
      ...principalContext(from.principal),
      ...(externalId === undefined ? {} : { "sts:ExternalId": externalId }),
      ...(tagged ? tagContext(from.tags) : {}),
    };
    return trusts(role, from.principal, actions, context, policiesOf(documents, from.roleArn))
      ? [{ roleArn: role.key, principal: roleSession(role.key, "pod"), tags: from.tags }]
      : [];
  });
}

/** As approved, not as read: what the pod sends was handed out before. */
function externalIdOf(desired: readonly CloudResource[], roleArn: string): string | undefined {
  const role = desired.find(({ key }) => key === roleArn);
  if (role?.kind !== "role") return undefined;
  return statementsOf(role.body.trust)
    .map((statement) => fulfilled(statement)["sts:ExternalId"])
    .find((id) => id !== undefined);
}

function tagContext(tags: Record<string, string>): Context {
  const asked = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return { ...Object.fromEntries(asked), "aws:TagKeys": Object.keys(tags) };
}

function trusts(
  role: CloudResource<"role">,
  principal: CallerPrincipal,
  actions: readonly string[],
  context: Context,
  own: Omit<PolicySet, "resource"> = { identity: [] },
): boolean {
  return actions.every((action) => {
    const request = { principal, action, resource: role.key, resourceAccount: role.accountId, context };
    const policies = { ...own, resource: { name: "the trust policy", document: role.body.trust } };
    return evaluateTrust(request, policies).effect === "allow";
  });
}

/** What a session of the role may do: the role's inline policies, within its boundary. */
export function policiesOf(
  { resources, boundaries }: AccessDocuments,
  roleArn: string,
): Omit<PolicySet, "resource"> {
  const identity = resources.flatMap((one) =>
    one.kind === "role-policy" && one.key.startsWith(`${roleArn}#`)
      ? [{ name: one.body.policyName, document: one.body.document }]
      : [],
  );
  const role = resources.find(({ key }) => key === roleArn);
  const arn = role?.kind === "role" ? role.body.boundaryArn : "";
  // One that was not read allows nothing.
  const document: PolicyDocument = boundaries.get(arn) ?? { Version: "2012-10-17", Statement: [] };
  return { identity, boundary: { name: arn, document } };
}
