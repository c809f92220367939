import { type Partition, parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { clusterArn } from "#lib/model/cluster.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { type Workload, workloadSubject } from "#lib/model/workload.ts";
import type { CallerPrincipal } from "#lib/policy/evaluate.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { example, fulfilled, roleSession, takenValues } from "#lib/policy/intended.ts";
import { assumeRole, settled } from "#lib/policy/path.ts";
import { accountPrincipal, principalEntries } from "#lib/policy/principals.ts";
import type { Assumption } from "#lib/policy/session.ts";
import { administrator, podTags } from "./proof-callers.ts";
import { type Opener, ofAssuming } from "./proof-surroundings.ts";
import {
  type Attempt,
  chained,
  factsOf,
  farthest,
  type Ground,
  rolesOf,
  tokenCalls,
} from "./reachable-sessions.ts";
import { stsAudience } from "./trust.ts";
import { whatOthersSend } from "./what-others-send.ts";

/**
 * Whom the trust policies let in as they were read, beside the workload: every principal of every statement, with what
 * its conditions ask of them. What the caller chooses is no secret; what follows from no text stays open, so that the
 * answer hangs on it.
 */

/** Somebody who tries to become a role, and how. */
interface Candidate {
  /** In words, for a row of the proof. */
  name: string;
  principal: CallerPrincipal;
  opener: Opener;
  calls: Assumption[];
}

/** The workload's own roles, and whom else their statements may name without letting in anybody else. */
interface Own {
  grant: Grant;
  roles: ReadonlySet<string>;
  issuers: ReadonlySet<string>;
}

/** Somebody's name → the ways on which they get in, as far as they lead. Who is refused at once is left out. */
export function strangersOf(grant: Grant, ground: Ground): Map<string, Attempt[]> {
  const own = ownOf(grant, ground);
  const found = new Map<string, Attempt[]>();
  const inside = new Set<string>();
  for (const role of ownRoles(grant, ground.documents.resources)) {
    const facts = factsOf(ground.documents, role);
    for (const { name, principal, opener, calls } of candidatesOf(role, own)) {
      const policies = "accountId" in principal ? administrator : undefined;
      const id = `${role.key} ${name}`;
      if (inside.has(id)) continue;
      const [first] = farthest(calls, (call) =>
        assumeRole(principal, policies, facts, call, ofAssuming(ground.now, opener)),
      );
      if (!first?.session) continue;
      if (settled(first.hops).effect === "allow") inside.add(id);
      const all = found.get(name) ?? [];
      found.set(name, [...all, first, ...chained(ground, first, "session")]);
    }
  }
  return found;
}

function ownRoles(grant: Grant, resources: readonly CloudResource[]): CloudResource<"role">[] {
  return rolesOf({ resources }).filter(({ owners }) => owners.includes(grant.id));
}

function ownOf(grant: Grant, { desired, documents }: Ground): Own {
  const roles = [...ownRoles(grant, desired), ...ownRoles(grant, documents.resources)];
  const issuers = [...desired, ...documents.resources].flatMap((one) =>
    one.kind === "oidc-provider" && one.owners.includes(grant.id) ? [one.body.issuer] : [],
  );
  return { grant, roles: new Set(roles.map(({ key }) => key)), issuers: new Set(issuers) };
}

function allowsOf({ body }: CloudResource<"role">): Statement[] {
  return statementsOf(body.trust).filter(({ Effect }) => Effect === "Allow");
}

function candidatesOf(role: CloudResource<"role">, own: Own): Candidate[] {
  return allowsOf(role).flatMap((statement) =>
    (principalEntries(statement.Principal) ?? []).flatMap(([kind, value]) => {
      if (kind === "Federated") return holdersOf(role, statement, value, own);
      if (kind === "Service") return serviceOf(role, statement, value, own);
      if (kind !== "AWS") return [];
      // `*` is everybody, with a token of the cluster and the agent among them.
      const others = value === "*" ? everyKindOf(role, statement, own) : [];
      return [...others, ...callersOf(role, statement, value, own)];
    }),
  );
}

function everyKindOf(role: CloudResource<"role">, statement: Statement, own: Own): Candidate[] {
  const { partition = "aws" } = parseArn(role.key) ?? {};
  return [
    ...[...own.issuers].flatMap((issuer) =>
      holdersOf(role, statement, `arn:${partition}:iam::${role.accountId}:oidc-provider/${issuer}`, own),
    ),
    ...serviceOf(role, statement, podsService, own),
  ];
}

/** Holders of a provider's tokens: with the subjects that the statement takes, but the workload's. */
function holdersOf(
  role: CloudResource<"role">,
  statement: Statement,
  provider: string,
  { grant, issuers }: Own,
): Candidate[] {
  const principal: CallerPrincipal = { kind: "federated", provider };
  const issuer = provider.split(":oidc-provider/")[1];
  if (issuer === undefined) {
    const context = claimsOf(statement, "saml:");
    return [
      { name: provider, principal, opener: "token", calls: [{ action: "sts:AssumeRoleWithSAML", context }] },
    ];
  }
  const isOwn = issuers.has(issuer);
  const { cluster } = grant.workload;
  const taken = takenValues(statement, `${issuer}:sub`);
  const holders = taken.map((sub) => ({
    sub,
    name: isOwn ? `${podOf(sub)} on ${cluster.name}` : `${sub} of ${issuer}`,
  }));
  const anybody = isOwn ? `any service account of ${cluster.name}` : `any token of ${issuer}`;
  return (taken.length > 0 ? holders : [{ sub: "system:serviceaccount:somebody:somebody", name: anybody }])
    .map(({ sub, name }) => ({ sub: example(sub), name }))
    .filter(({ sub }) => !isOwn || sub !== workloadSubject(grant.workload))
    .map(({ sub, name }) => {
      const known = {
        [`${issuer}:aud`]: fulfilled(statement)[`${issuer}:aud`] ?? stsAudience,
        [`${issuer}:sub`]: sub,
      };
      const contexts = [known, { ...claimsOf(statement, `${issuer}:`), ...known }];
      const calls = tokenCalls(role, [statement]).flatMap((one) =>
        contexts.map((context) => ({ ...one, context })),
      );
      return { name, principal, opener: "token" as const, calls };
    });
}

function claimsOf(statement: Statement, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fulfilled(statement)).filter(([key]) => foldCase(key).startsWith(foldCase(prefix))),
  );
}

function podOf(subject: string): string {
  return subject.replace(/^system:serviceaccount:([^:]+):/, "$1/");
}

const podsService = "pods.eks.amazonaws.com";

/** A service: what it does, whoever may use it has it do. Of EKS, pods with the tags that the statement takes. */
function serviceOf(
  role: CloudResource<"role">,
  statement: Statement,
  service: string,
  { grant }: Own,
): Candidate[] {
  const principal: CallerPrincipal = { kind: "service", service };
  const opener = "agent" as const;
  if (service !== podsService)
    return [{ name: service, principal, opener, calls: [{ action: "sts:AssumeRole" }] }];
  return otherPods(role, statement, grant.workload).map(({ name, tags }) => ({
    name,
    principal,
    opener,
    calls: [{ action: "sts:AssumeRole" as const, tags, transitiveTagKeys: Object.keys(tags) }],
  }));
}

/** What names a pod to the agent. */
interface Named {
  cluster: string;
  namespace: string;
  serviceAccount: string;
}

/**
 * Pods that differ from the workload's in one of what names them, and have of the rest what the statement takes: if it
 * takes any pod but the workload's, it takes one of these.
 */
function otherPods(role: CloudResource<"role">, statement: Statement, workload: Workload) {
  const { partition = "aws" } = parseArn(role.key) ?? {};
  const { namespace, serviceAccount } = workload;
  const arnOf = (pod: Workload) => clusterArn(pod.cluster, partition as Partition);
  const itself: Named = { cluster: arnOf(workload), namespace, serviceAccount };
  // The agent passes roles of its own account only.
  const there = arnOf({ ...workload, cluster: { ...workload.cluster, accountId: role.accountId } });
  const tagged = (tag: string) => takenValues(statement, `aws:RequestTag/${tag}`);
  const clusters = tagged("eks-cluster-name").map((name) => there.replace(/cluster\/.*$/, `cluster/${name}`));
  const arns = tagged("eks-cluster-arn");
  const taken: Record<keyof Named, string[]> = {
    cluster: (arns.length > 0 ? arns : clusters).map(example),
    namespace: tagged("kubernetes-namespace").map(example),
    serviceAccount: tagged("kubernetes-service-account").map(example),
  };
  const own: Named = { ...itself, cluster: there };
  const names = Object.keys(taken) as (keyof Named)[];
  const fitting = { ...own };
  for (const name of names)
    if (taken[name].length > 0 && !taken[name].includes(own[name])) fitting[name] = taken[name][0] ?? "";
  const isAny = names.every((name) => taken[name].length === 0);
  return names
    .flatMap((name) => {
      const others = taken[name].map((value) => ({ value, shown: value }));
      const all = others.length > 0 ? others : [{ value: `${own[name]}-other`, shown: "*" }];
      return all.map(({ value, shown }) => ({
        pod: { ...fitting, [name]: value },
        name: isAny ? `any pod of account ${role.accountId}` : podName({ ...fitting, [name]: shown }),
      }));
    })
    .filter(({ pod }) => names.some((name) => pod[name] !== itself[name]))
    .map(({ pod, name }) => ({ name, tags: tagsOf(pod, workload, partition as Partition) }));
}

function nameOfCluster(arn: string): string {
  return arn.split("cluster/")[1] ?? arn;
}

function podName({ cluster, namespace, serviceAccount }: Named): string {
  return `${namespace}/${serviceAccount} on ${nameOfCluster(cluster)}`;
}

function tagsOf({ cluster, ...names }: Named, workload: Workload, partition: Partition) {
  const pod = { cluster: { ...workload.cluster, name: nameOfCluster(cluster) }, ...names };
  return { ...podTags(pod, partition), "eks-cluster-arn": cluster };
}

/** An account that nothing names. */
const nowhere = "000000000000";

/** AWS principals, as whoever rules their account lets them be. Who is named by an id is deleted: nobody has it again. */
function callersOf(
  role: CloudResource<"role">,
  statement: Statement,
  value: string,
  { roles }: Own,
): Candidate[] {
  const { partition = "aws" } = parseArn(role.key) ?? {};
  const account = accountPrincipal(value)?.accountId ?? null;
  const isAnybody = value === "*" || account !== null;
  const named = isAnybody ? takenBy(statement, account, partition) : [{ name: value, arn: value }];
  // Of whom is meant whoever fits, who they are and how they are tagged is theirs to choose.
  const context = isAnybody
    ? Object.fromEntries(Object.entries(fulfilled(statement)).filter(([key]) => theirs.test(key)))
    : claimsOf(statement, "aws:PrincipalTag/");
  const calls = whatOthersSend(role.body.trust, [statement]).map((sent) => ({
    action: "sts:AssumeRole" as const,
    ...sent,
  }));
  return named.flatMap(({ name, arn }): Candidate[] => {
    const principal = principalOf(arn);
    if (principal === null) return [];
    if (principal.kind === "role-session" && [...roles].some((one) => isRoleOf(one, principal))) return [];
    return [
      {
        name,
        principal,
        opener: "person",
        calls: calls.flatMap((one) => [one, { ...one, context }]),
      },
    ];
  });
}

const theirs = /^aws:(PrincipalTag\/|PrincipalType$|username$|MultiFactorAuthPresent$|SourceIdentity$)/i;

/** Who of an account, or of all, fits what the statement asks of the caller's ARN and account. */
function takenBy(
  statement: Statement,
  account: string | null,
  partition: string,
): { name: string; arn: string }[] {
  const all = account === null ? "anybody with an AWS account" : `anybody in account ${account}`;
  const userOf = (id: string) => `arn:${partition}:iam::${id}:user/somebody`;
  const arns = takenValues(statement, "aws:PrincipalArn");
  const accounts = takenValues(statement, "aws:PrincipalAccount");
  const home = account ?? accounts.map(example).find((id) => /^\d{12}$/.test(id)) ?? nowhere;
  if (arns.length > 0)
    return arns.map((pattern) => {
      const [, , , , owner = "", ...rest] = pattern.split(":");
      const id = /^\d{12}$/.test(owner) ? owner : home;
      const resource = example(rest.join(":")) || "user/somebody";
      return { name: pattern === "*" ? all : pattern, arn: `arn:${partition}:iam::${id}:${resource}` };
    });
  if (account === null && accounts.length > 0)
    return accounts.map((id) => ({
      name: `anybody in account ${id}`,
      arn: userOf(/^\d{12}$/.test(id) ? id : nowhere),
    }));
  return [{ name: all, arn: userOf(home) }];
}

function principalOf(arn: string): CallerPrincipal | null {
  const [, partition, service, , accountId = "", ...rest] = arn.split(":");
  if (!/^\d{12}$/.test(accountId)) return null;
  const [kind, name] = rest.join(":").split("/");
  if (service === "iam" && kind === "role") return roleSession(arn);
  if (service === "sts" && kind === "assumed-role") {
    const roleArn = `arn:${partition}:iam::${accountId}:role/${name}`;
    return { kind: "role-session", roleArn, roleId: null, sessionArn: arn, accountId };
  }
  return { kind: "user", arn, userId: null, accountId };
}

/** By account and name: a session's ARN does not have the role's path. */
function isRoleOf(roleArn: string, { sessionArn }: { sessionArn: string }): boolean {
  const [, , , , accountId, ...rest] = roleArn.split(":");
  return sessionArn.includes(`::${accountId}:assumed-role/${rest.join(":").split("/").at(-1)}/`);
}

/** Other pods of the cluster whom the trust policies name, beside the workload's. */
export function podsNamed(grant: Grant, ground: Ground): Workload[] {
  const { workload } = grant;
  const { issuers } = ownOf(grant, ground);
  return ownRoles(grant, ground.documents.resources)
    .flatMap(allowsOf)
    .flatMap((statement): Workload[] => {
      const subjects = [...issuers].flatMap((issuer) => takenValues(statement, `${issuer}:sub`));
      const taken = (tag: string, own: string) => [
        ...new Set([own, ...takenValues(statement, `aws:RequestTag/kubernetes-${tag}`).map(example)]),
      ];
      const tagged = taken("namespace", workload.namespace).flatMap((namespace) =>
        taken("service-account", workload.serviceAccount).map((serviceAccount) => ({
          namespace,
          serviceAccount,
        })),
      );
      const named = subjects.map(example).flatMap((subject) => {
        const [, , namespace, serviceAccount] = subject.split(":");
        return namespace && serviceAccount ? [{ namespace, serviceAccount }] : [];
      });
      return [...named, ...tagged].map((one) => ({ ...workload, ...one }));
    });
}
