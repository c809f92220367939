import { type Partition, parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { KeyFacts } from "#lib/model/key-facts.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { type Workload, workloadSubject } from "#lib/model/workload.ts";
import type { CallerPrincipal, PolicySet } from "#lib/policy/evaluate.ts";
import { fulfilled } from "#lib/policy/intended.ts";
import { assumeRole, type Hop, settled } from "#lib/policy/path.ts";
import type { Assumption, RoleFacts, RoleSession } from "#lib/policy/session.ts";
import { stsAudience } from "../trust.ts";
import { podTags } from "./callers.ts";
import { type Opener, ofAssuming } from "./surroundings.ts";
import { whatOthersSend } from "./what-others-send.ts";

/** The customer managed key that encrypts a target, with what is known of it. */
export interface KeyBehind extends KeyFacts {
  arn: string;
  accountId: string;
  /** Where the target is; the service calls KMS there. */
  region: string;
}

/** What decides about access, as AWS has it or as it is planned. */
export interface AccessDocuments {
  /** Resources with the bodies that were read. */
  resources: readonly CloudResource[];
  /** ARN of a permissions boundary → its document. */
  boundaries: ReadonlyMap<string, PolicyDocument>;
  /** ARN of a role → its unique id; null: the role is not made yet. Missing: nobody has read it. */
  roleIds?: ReadonlyMap<string, string | null>;
  /** ARN of a target → its whole policy. */
  policies: ReadonlyMap<string, PolicyDocument>;
  /** Targets whose policies nobody has read; of the others, one that is not in `policies` has none. */
  unreadPolicies?: ReadonlySet<string>;
  /** ARN of a target → the key behind it. */
  keys?: ReadonlyMap<string, KeyBehind>;
}

/** A way that a pod or a person tries, as far as it leads: no session where a hop is refused. */
export interface Attempt {
  hops: Hop[];
  session: RoleSession | null;
}

/**
 * Whose the pod is: the workload's own; one of a neighbour, whom somebody may have bound to any role, so that the
 * trust policies alone have to refuse it; or one of a cluster with another issuer.
 */
export type PodOf = "itself" | "impostor" | "other-cluster";

/** What is looked at to find the ways: the documents, what was approved, and when. */
export interface Ground {
  desired: readonly CloudResource[];
  documents: AccessDocuments;
  /** ISO 8601 */
  now: string;
}

/** Issuers of other clusters: one that nothing names, and those that the trust policies name. */
function otherIssuers(documents: AccessDocuments, issuer: string): string[] {
  const named = rolesOf(documents)
    .flatMap(({ body }) => statementsOf(body.trust))
    .flatMap(({ Principal }) => (typeof Principal === "object" ? listOf(Principal.Federated) : []))
    .flatMap((provider) => provider.split(":oidc-provider/").slice(1));
  return [...new Set([issuer.replace(/[^/]+$/, "0".repeat(32)), ...named])].filter((one) => one !== issuer);
}

/** Every session that the pod can get, and every way that was refused: token or agent, and chaining from there. */
export function attemptsOf(ground: Ground, pod: Workload, of: PodOf): Attempt[] {
  const first = [...byToken(ground, pod, of), ...byAgent(ground, pod, of)];
  const by = of === "itself" ? "workload" : "session";
  return first.flatMap((attempt) => [attempt, ...chained(ground, attempt, by)]);
}

/** The roles that somebody with AWS credentials can become, and those that one of them leads on to. */
export function attemptsOfPerson(
  ground: Ground,
  person: CallerPrincipal,
  policies: Omit<PolicySet, "resource" | "rcps">,
): Attempt[] {
  const { documents, now } = ground;
  return rolesOf(documents).flatMap((role) =>
    farthest(callsFor(ground, role, "person"), (call) =>
      assumeRole(person, policies, factsOf(documents, role), call, ofAssuming(now, "person")),
    ).flatMap((first) => [first, ...chained(ground, first, "session")]),
  );
}

/** Of calls on one role the one that leads farthest, and that asks for least: more of them would show nothing more. */
export function farthest(calls: readonly Assumption[], open: (call: Assumption) => Attempt): Attempt[] {
  let found: Attempt | undefined;
  for (const call of calls) {
    const attempt = open(call);
    if (settled(attempt.hops).effect === "allow") return [attempt];
    if (!found?.session && (attempt.session || attempt.hops.length > (found?.hops.length ?? 0)))
      found = attempt;
  }
  return found ? [found] : [];
}

export function rolesOf({ resources }: Pick<AccessDocuments, "resources">): CloudResource<"role">[] {
  return resources.filter((one): one is CloudResource<"role"> & CloudResource => one.kind === "role");
}

function byToken({ documents, now }: Ground, pod: Workload, of: PodOf): Attempt[] {
  return documents.resources.flatMap((provider) => {
    if (provider.kind !== "oidc-provider" || !provider.body.clientIds.includes(stsAudience)) return [];
    const { accountId, body, key } = provider;
    // An account may trust other clusters too.
    const issuers = of === "other-cluster" ? otherIssuers(documents, body.issuer) : [body.issuer];
    return issuers.flatMap((issuer) => {
      const caller: CallerPrincipal = { kind: "federated", provider: key.replace(body.issuer, issuer) };
      const context = { [`${issuer}:aud`]: stsAudience, [`${issuer}:sub`]: workloadSubject(pod) };
      return rolesOf(documents)
        .filter((role) => role.accountId === accountId)
        .flatMap((role) =>
          farthest(tokenCalls(role, of === "itself" ? [] : undefined), (one) =>
            assumeRole(
              caller,
              undefined,
              factsOf(documents, role),
              { ...one, context },
              ofAssuming(now, "token"),
            ),
          ),
        );
    });
  });
}

/** Calls with a token: its holder chooses the session's name, and anybody but the workload one that helps. */
export function tokenCalls({ body }: CloudResource<"role">, of?: readonly Statement[]): Assumption[] {
  const names = whatOthersSend(body.trust, of).flatMap(({ sessionName }) => sessionName ?? []);
  return [undefined, ...new Set(names)].map((sessionName) => ({
    action: "sts:AssumeRoleWithWebIdentity",
    ...(sessionName === undefined ? {} : { sessionName }),
  }));
}

function byAgent({ documents, now }: Ground, pod: Workload, of: PodOf): Attempt[] {
  const agent: CallerPrincipal = { kind: "service", service: "pods.eks.amazonaws.com" };
  return rolesOf(documents).flatMap((role) => {
    if (role.accountId !== pod.cluster.accountId) return [];
    if (of === "itself" && !isAssociated(documents, pod, role.key)) return [];
    const partition = parseArn(role.key)?.partition as Partition;
    const tags = podTags(pod, partition);
    const transitiveTagKeys = Object.keys(tags);
    const by: Assumption = { action: "sts:AssumeRole", tags, transitiveTagKeys };
    return [assumeRole(agent, undefined, factsOf(documents, role), by, ofAssuming(now, "agent"))];
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

/** The roles that a session goes on to. */
export function chained(ground: Ground, { session: from, hops }: Attempt, by: Opener): Attempt[] {
  const { documents, now } = ground;
  if (from === null) return [];
  return rolesOf(documents)
    .filter(({ key }) => key !== from.role.arn)
    .flatMap((role) =>
      farthest(callsFor(ground, role, by), (call) =>
        assumeRole(from, undefined, factsOf(documents, role), call, ofAssuming(now, by)),
      ),
    )
    .map((step) => ({ hops: [...hops, ...step.hops], session: step.session }));
}

function callsFor({ desired }: Ground, role: CloudResource<"role">, by: Opener): Assumption[] {
  const others = by === "workload" ? [] : whatOthersSend(role.body.trust);
  return [
    chaining(desired, role.key),
    ...others.map((one): Assumption => ({ action: "sts:AssumeRole", ...one })),
  ];
}

/** With the ExternalId as approved, not as read: what a pod sends was handed out before. */
function chaining(desired: readonly CloudResource[], roleArn: string): Assumption {
  const role = desired.find(({ key }) => key === roleArn);
  const externalId =
    role?.kind === "role"
      ? statementsOf(role.body.trust)
          .map((statement) => fulfilled(statement)["sts:ExternalId"])
          .find((id) => id !== undefined)
      : undefined;
  return {
    action: "sts:AssumeRole",
    ...(externalId === undefined ? {} : { externalId }),
  };
}

/** No statement names the id of a role that is not made yet: nobody knows it. */
const unmade = "AROA-NOT-MADE-YET";

/** A role with what its sessions may do: its inline policies, within its boundary. */
export function factsOf(
  { resources, boundaries, roleIds }: AccessDocuments,
  role: CloudResource<"role">,
): RoleFacts {
  const identity = resources.flatMap((one) =>
    one.kind === "role-policy" && one.key.startsWith(`${role.key}#`)
      ? [{ name: `the policy ${one.body.policyName}`, document: one.body.document }]
      : [],
  );
  const { boundaryArn, tags, name, trust } = role.body;
  const id = roleIds?.get(role.key);
  return {
    arn: role.key,
    ...(id === undefined ? {} : { id: id ?? unmade }),
    tags,
    trust: { name: `the trust policy of ${name}`, document: trust },
    policies: { identity, ...limitOf(boundaries, boundaryArn) },
  };
}

/** Nobody knows what a boundary allows that was not read. */
function limitOf(
  boundaries: AccessDocuments["boundaries"],
  arn: string,
): Pick<RoleFacts["policies"], "boundary" | "unread"> {
  if (arn === "") return {};
  const document = boundaries.get(arn);
  const name = `the boundary ${arn}`;
  return document ? { boundary: { name, document } } : { unread: [{ kind: "boundary", name }] };
}
