import { isDeepStrictEqual } from "node:util";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sidMarker } from "#lib/model/resource-key.ts";
import { isOurs, ownershipTags, rolePath, tagKeys } from "#lib/model/tags.ts";
import { sameDocument, sameStatement } from "#lib/policy/canonical.ts";
import type { Dump, RoleDump, View } from "./view.ts";

/** What holds of the accounts when nothing is on its way. Each names what is wrong; an empty list is well. */

function desired<K extends ResourceKind>(view: View, kind: K): CloudResource<K>[] {
  const all: readonly CloudResource[] = view.desired;
  // The kind says which member of the union it is.
  return all.filter((one) => one.kind === kind) as CloudResource<K>[];
}

/** Keys that are there and should not be, and that should be and are not. */
function sameKeys(what: string, wanted: Iterable<string>, found: Iterable<string>): string[] {
  const [want, have] = [new Set(wanted), new Set(found)];
  return [
    ...[...have].filter((key) => !want.has(key)).map((key) => `orphan ${what}: ${key}`),
    ...[...want].filter((key) => !have.has(key)).map((key) => `missing ${what}: ${key}`),
  ];
}

function rolesOf(dump: Dump): [string, RoleDump][] {
  return Object.values(dump).flatMap(({ roles }) => Object.entries(roles));
}

/** Roles under our path or with our tag: those that were there before Drawbridge came have neither. */
export function ourRoles({ now, installation }: View): [string, RoleDump][] {
  return rolesOf(now).filter(
    ([arn, { tags }]) => arn.includes(`:role${rolePath(installation)}`) || isOurs(tags, installation),
  );
}

/** Every policy of a bucket or queue, by the resource. */
export function policiesOf(dump: Dump): Map<string, PolicyDocument> {
  const all = Object.values(dump).flatMap(({ buckets, queues }) => [
    ...Object.entries(buckets).map(([name, { policy }]) => [`bucket ${name}`, policy] as const),
    ...Object.entries(queues).map(
      ([name, { policy }]) => [`queue ${name.split("/").at(-1)}`, policy] as const,
    ),
  ]);
  return new Map(all.flatMap(([name, policy]) => (policy ? [[name, policy] as const] : [])));
}

const isOwn = ({ Sid }: Statement) => Sid?.startsWith(sidMarker) ?? false;

function policyName(arn: string): string {
  return arn.includes(":s3:") ? `bucket ${arn.split(":").at(-1)}` : `queue ${arn.split(":").at(-1)}`;
}

/** 3, 6, 7: neither more nor less than what the wanted grants ask for. */
export function asDesired(view: View): string[] {
  const roles = ourRoles(view);
  const byArn = new Map(roles);
  const wrong = sameKeys(
    "role",
    desired(view, "role").map(({ key }) => key),
    byArn.keys(),
  );
  for (const { key, body } of desired(view, "role")) {
    const found = byArn.get(key);
    if (!found) continue;
    if (!sameDocument(body.trust, found.trust, { statementOrder: "ignored" })) wrong.push(`trust of ${key}`);
    if (found.description !== body.description || found.maxSessionDuration !== body.maxSessionDuration)
      wrong.push(`settings of ${key}`);
    if (found.attached.length > 0) wrong.push(`managed policies on ${key}`);
  }
  wrong.push(
    ...sameKeys(
      "inline policy",
      desired(view, "role-policy").map(({ key }) => key),
      roles.flatMap(([arn, { inline }]) => Object.keys(inline).map((name) => `${arn}#policy/${name}`)),
    ),
  );
  for (const { key, body } of desired(view, "role-policy")) {
    const found = byArn.get(key.split("#")[0] ?? "")?.inline[body.policyName];
    if (found && !sameDocument(body.document, found, { statementOrder: "ignored" }))
      wrong.push(`text of ${key}`);
  }
  return [
    ...wrong,
    ...providersAsDesired(view),
    ...associationsAsDesired(view),
    ...statementsAsDesired(view),
  ];
}

function providersAsDesired(view: View): string[] {
  const providers = (dump: Dump) => Object.values(dump).flatMap((one) => Object.keys(one.oidcProviders));
  const foreign = providers(view.before);
  const wanted = desired(view, "oidc-provider").map(({ key }) => key);
  return sameKeys("OIDC provider", new Set([...foreign, ...wanted]), providers(view.now));
}

function associationsAsDesired(view: View): string[] {
  const found = Object.entries(view.now).flatMap(([accountId, { clusters }]) =>
    Object.entries(clusters).flatMap(([cluster, { associations }]) =>
      Object.entries(associations).map(([pod, association]) => ({
        key: `pod-identity-association:${accountId}/${cluster}/${pod}`,
        association,
      })),
    ),
  );
  const wanted = desired(view, "pod-identity-association");
  const wrong = sameKeys(
    "association",
    wanted.map(({ key }) => key),
    found.map(({ key }) => key),
  );
  for (const { key, body } of wanted) {
    const one = found.find((other) => other.key === key)?.association;
    if (one && (one.roleArn !== body.roleArn || one.targetRoleArn !== body.targetRoleArn))
      wrong.push(`roles of ${key}`);
  }
  return wrong;
}

function statementsAsDesired(view: View): string[] {
  const wanted = desired(view, "resource-policy-statements").flatMap(({ body }) =>
    body.statements.map((statement) => ({ on: policyName(body.resourceArn), statement })),
  );
  const found = [...policiesOf(view.now)].flatMap(([on, policy]) =>
    statementsOf(policy)
      .filter(isOwn)
      .map((statement) => ({ on, statement })),
  );
  const name = ({ on, statement }: (typeof found)[number]) => `${statement.Sid} on ${on}`;
  const wrong = sameKeys("statement", wanted.map(name), found.map(name));
  if (new Set(found.map(name)).size !== found.length) wrong.push("a statement is there twice");
  for (const one of wanted) {
    const other = found.find((candidate) => name(candidate) === name(one));
    if (other && !sameStatement(one.statement, other.statement)) wrong.push(`text of ${name(one)}`);
  }
  return wrong;
}

/** 4: path, tag and boundary on every role; our tag on providers and associations; nobody else's touched. */
export function ownership(view: View): string[] {
  const { installation, estate, now, before } = view;
  const wrong: string[] = [];
  for (const [arn, { tags, boundaryArn }] of ourRoles(view)) {
    const account = estate.accounts.find(({ id }) => arn.includes(`::${id}:`));
    if (!arn.includes(`:role${rolePath(installation)}`)) wrong.push(`${arn} is outside our path`);
    if (!isOurs(tags, installation)) wrong.push(`${arn} lacks our tags`);
    if (!account || boundaryArn !== account.boundaryArn) wrong.push(`${arn} lacks the boundary`);
  }
  for (const { kind, key, accountId, body } of view.desired) {
    if (kind !== "oidc-provider" && kind !== "pod-identity-association") continue;
    const found =
      kind === "oidc-provider"
        ? now[accountId]?.oidcProviders[key]
        : now[accountId]?.clusters[key.split("/").slice(1, 3).join("/")]?.associations[
            key.split("/").slice(3).join("/")
          ];
    const marks = Object.entries(ownershipTags(installation));
    if (
      found &&
      !before[accountId]?.oidcProviders[key] &&
      marks.some(([tag, value]) => found.tags[tag] !== value)
    )
      wrong.push(`${key} lacks our tags, wanted ${JSON.stringify(body.tags)}`);
  }
  for (const [arn, role] of rolesOf(before))
    if (!isDeepStrictEqual(Object.fromEntries(rolesOf(now))[arn], role))
      wrong.push(`somebody else's role ${arn} was changed`);
  return wrong;
}

/**
 * 5: what others wrote is there, canonically equal and in order.
 *
 * @param also statements that others have written since, by policy
 */
export function foreignStatements(
  view: View,
  also: ReadonlyMap<string, readonly Statement[]> = new Map(),
): string[] {
  const now = policiesOf(view.now);
  const names = new Set([...policiesOf(view.before).keys(), ...now.keys(), ...also.keys()]);
  return [...names].flatMap((name) => {
    const policy = policiesOf(view.before).get(name);
    const wanted = [...(policy ? statementsOf(policy) : []), ...(also.get(name) ?? [])];
    const document = now.get(name);
    const found = document ? statementsOf(document).filter((statement) => !isOwn(statement)) : [];
    const same =
      wanted.length === found.length &&
      wanted.every((statement, index) => {
        const other = found[index];
        return other !== undefined && sameStatement(statement, other);
      });
    if (policy?.Id !== undefined && document?.Id !== policy.Id) return [`${name}: its Id is lost`];
    const sids = (some: readonly Statement[]) => some.map(({ Sid }) => Sid).join(", ");
    return same ? [] : [`${name}: others' statements were ${sids(wanted)} and are ${sids(found)}`];
  });
}

/** 10: a role is one workload's. */
export function rolesOfOne(view: View): string[] {
  const workloads = new Map<string, Set<string>>();
  for (const { key, owners } of desired(view, "role"))
    for (const { spec } of view.grants.filter(({ id }) => owners.includes(id)))
      workloads.set(key, (workloads.get(key) ?? new Set()).add(JSON.stringify(spec.workload)));
  const shared = [...workloads].filter(([, some]) => some.size > 1);
  const untold = ourRoles(view).filter(([, { tags }]) => !tags[tagKeys.workload]);
  return [
    ...shared.map(([key]) => `${key} serves several workloads`),
    ...untold.map(([arn]) => `${arn} does not say whose it is`),
  ];
}

/** 7: without grants, as if Drawbridge had never been there. */
export function untouched(view: View): string[] {
  if (view.grants.some(({ state }) => state !== "revoked")) return [];
  return isDeepStrictEqual(view.now, view.before) ? [] : ["the accounts are not as they were"];
}

/** The sessions that changes are made with can do one step's calls and no more: each has a session policy. */
export function narrowSessions(view: View): string[] {
  return view.sessions
    .filter(({ sessionName }) => sessionName.startsWith("drawbridge-"))
    .filter(({ policies }) => policies.length === 0)
    .map(({ sessionName }) => `${sessionName} is not narrowed by a session policy`);
}
