import { parseArn } from "#lib/model/arn.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Asker } from "#lib/model/proven-access.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { CallerPrincipal, NamedPolicy, PolicySet } from "#lib/policy/evaluate.ts";
import { administrator } from "./callers.ts";
import { type Attempt, attemptsOf, attemptsOfPerson, type Ground, type PodOf } from "./reachable-sessions.ts";
import { podsNamed, strangersOf } from "./strangers.ts";
import type { CallerKind } from "./surroundings.ts";

/** Somebody who tries to get in. */
export interface Party {
  who: Asker;
  kind: CallerKind;
  /** What they call with when they become no role; null for pods, which have nothing else. */
  self: { principal: CallerPrincipal; policies: Omit<PolicySet, "resource" | "rcps"> } | null;
  /** The roles that they can become, in documents. */
  attempts(ground: Ground): Attempt[];
}

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
    ...impostors(grant),
    ...people("person", []),
    ...people("admin", administrator.identity),
    {
      who: "anonymous",
      kind: "nobody",
      self: { principal: { kind: "anonymous" }, policies: { identity: [] } },
      attempts: () => [],
    },
  ];
}

/** One that nothing names, and of its kind those that the trust policies name. */
function impostors(grant: Grant): Party[] {
  const { workload } = grant;
  const { cluster, namespace, serviceAccount } = workload;
  const among = (who: Asker, unnamed: Workload, isOne: (pod: Workload) => boolean): Party => ({
    ...pod(who, unnamed, "impostor"),
    attempts: (ground) =>
      [unnamed, ...podsNamed(grant, ground).filter(isOne)].flatMap((one) =>
        attemptsOf(ground, one, "impostor"),
      ),
  });
  return [
    among(
      "other-service-account",
      { ...workload, serviceAccount: `${serviceAccount}-other` },
      (one) => one.namespace === namespace && one.serviceAccount !== serviceAccount,
    ),
    among(
      "other-namespace",
      { ...workload, namespace: `${namespace}-other` },
      (one) => one.namespace !== namespace && one.serviceAccount === serviceAccount,
    ),
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

/** Whom the trust policies let in besides, by name: as the documents are to be, and as they are today. */
export function namedParties(grant: Grant, grounds: readonly Ground[]): { name: string; party: Party }[] {
  const found = new Map(grounds.map((ground) => [ground, strangersOf(grant, ground)]));
  const names = new Set([...found.values()].flatMap((strangers) => [...strangers.keys()]));
  return [...names].map((name) => ({
    name,
    party: {
      who: "somebody-else",
      kind: "person",
      self: null,
      attempts: (ground) => found.get(ground)?.get(name) ?? [],
    },
  }));
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
