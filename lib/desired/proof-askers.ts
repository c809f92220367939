import { parseArn } from "#lib/model/arn.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Asker } from "#lib/model/proven-access.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { CallerPrincipal, NamedPolicy, PolicySet } from "#lib/policy/evaluate.ts";
import type { CallerKind } from "./proof-surroundings.ts";
import { type Attempt, attemptsOf, attemptsOfPerson, type Ground, type PodOf } from "./reachable-sessions.ts";

/** Somebody who tries to get in. */
export interface Party {
  who: Asker;
  kind: CallerKind;
  /** What they call with when they become no role; null for pods, which have nothing else. */
  self: { principal: CallerPrincipal; policies: Omit<PolicySet, "resource" | "rcps"> } | null;
  /** The roles that they can become, in documents. */
  attempts(ground: Ground): Attempt[];
}

const everything: NamedPolicy = {
  name: "AdministratorAccess",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

/** Everybody that a proof asks about, the workload first. */
export function partiesOf(grant: Grant): Party[] {
  const { workload, target } = grant;
  const home = workload.cluster.accountId;
  const partition = parseArn(target.arn)?.partition ?? "aws";
  const people = (who: "person" | "admin", identity: NamedPolicy[]): Party[] => [
    // In one account there is one of each.
    ...(home === target.accountId ? [] : [person(`${who}-of-cluster`, partition, home, identity)]),
    person(`${who}-of-target`, partition, target.accountId, identity),
  ];
  return [
    pod("workload", workload, "itself"),
    ...impostors(workload),
    ...people("person", []),
    ...people("admin", [everything]),
    {
      who: "anonymous",
      kind: "nobody",
      self: { principal: { kind: "anonymous" }, policies: { identity: [] } },
      attempts: () => [],
    },
  ];
}

function impostors(workload: Workload): Party[] {
  const { cluster, namespace, serviceAccount } = workload;
  return [
    pod("other-service-account", { ...workload, serviceAccount: `${serviceAccount}-other` }, "impostor"),
    pod("other-namespace", { ...workload, namespace: `${namespace}-other` }, "impostor"),
    pod(
      "other-cluster",
      { ...workload, cluster: { ...cluster, name: `${cluster.name}-other` } },
      "other-cluster",
    ),
  ];
}

function pod(who: Asker, workload: Workload, of: PodOf): Party {
  return { who, kind: "pod", self: null, attempts: (ground) => attemptsOf(ground, workload, of) };
}

/** A user that no document names. */
function person(who: Asker, partition: string, accountId: string, identity: NamedPolicy[]): Party {
  const arn = `arn:${partition}:iam::${accountId}:user/somebody`;
  const principal: CallerPrincipal = { kind: "user", arn, userId: "AIDASOMEBODY", accountId };
  const policies = { identity };
  return {
    who,
    kind: "person",
    self: { principal, policies },
    attempts: (ground) => attemptsOfPerson(ground, principal, policies),
  };
}
