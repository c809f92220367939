import { parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type Statement, statementsOf } from "#lib/model/policy-document.ts";
import type { Workload } from "#lib/model/workload.ts";
import { example, takenValues } from "#lib/policy/intended.ts";
import { assumeRole, settled } from "#lib/policy/path.ts";
import { principalEntries } from "#lib/policy/principals.ts";
import { callersOf } from "./aws-principals.ts";
import { administrator } from "./callers.ts";
import type { Candidate, Own } from "./candidates.ts";
import { type Attempt, chained, factsOf, farthest, type Ground, rolesOf } from "./reachable-sessions.ts";
import { podsService, serviceOf } from "./service-pods.ts";
import { ofAssuming } from "./surroundings.ts";
import { holdersOf } from "./token-holders.ts";

/**
 * Whom the trust policies let in as they were read, beside the workload: every principal of every statement, with what
 * its conditions ask of them. What the caller chooses is no secret; what follows from no text stays open, so that the
 * answer hangs on it.
 */

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
