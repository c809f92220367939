import { ofUsing } from "#lib/desired/proof/surroundings.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { textsOf } from "#lib/policy/conditions.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { anybodyMeets } from "#lib/policy/findings/limits.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { fulfilled, roleSession } from "#lib/policy/intended.ts";
import { parseOperator } from "#lib/policy/operators.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { about, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { type Intended, intendedOn } from "./intended.ts";
import type { CheckedTarget } from "./targets.ts";

/**
 * What statements of others in the target's policy do to the grant. A Deny always wins: one that is certain to match
 * is an error, one that hangs on what nobody knows here (an address, a VPC endpoint, an organisation, the role's id) a
 * warning. And what anybody may do without credentials, no grant can limit.
 *
 * Source: IAM User Guide, "How AWS enforcement code logic evaluates requests".
 */
export function denyFindings(
  context: PreflightContext,
  target: CheckedTarget,
  existing: PolicyDocument,
): PreflightFinding[] {
  const certain = new Map<string, Set<string>>();
  const possible = new Set<string>();
  const open = new Set<string>();
  for (const intended of intendedOn(context, target)) {
    for (const { name, sure } of deniedBy(target, existing, intended)) {
      if (sure) certain.set(name, (certain.get(name) ?? new Set()).add(intended.action));
      else possible.add(name);
    }
    if (anybodyMay(target, existing, intended)) open.add(intended.action);
  }
  return [
    ...[...certain].map(([name, actions]) => defeated(target, name, [...actions])),
    ...[...possible].filter((name) => !certain.has(name)).map((name) => maybeDefeated(target, name)),
    ...(open.size > 0 ? [isPublic(target, [...open])] : []),
  ];
}

function deniedBy(
  target: CheckedTarget,
  document: PolicyDocument,
  intended: Intended,
): { name: string; sure: boolean }[] {
  const { trace } = evaluate(requestOf(target, intended), {
    identity: [],
    resource: { name: target.arn, document },
  });
  return trace
    .filter(({ effect, matched, open }) => effect === "Deny" && (matched || open !== undefined))
    .map(({ sid, index, matched, undecided = [] }) => ({
      name: sid ?? `statement ${index + 1}`,
      sure: matched && undecided.length === 0,
    }));
}

/** Keys have no case: of two spellings the later one counts. */
function together(...contexts: Record<string, string | string[]>[]): Record<string, string | string[]> {
  return Object.fromEntries(
    contexts.flatMap(Object.entries<string | string[]>).map(([key, value]) => [foldCase(key), value]),
  );
}

/** What a session may bring that the proof's pods don't: the tags of its role, and what it was assumed with. */
const ofSessions = /^aws:(principaltag\/|sourceidentity|federatedprovider)/i;

/** "TLS 1.2 is the minimum for all AWS API endpoints" (AWS Security Blog, 2024); S3 takes 1.3 as well. */
const tls = { "s3:TlsVersion": ["1.2", "1.3"] };

/**
 * The workload's call: what is known of any pod's, what its role gives, and what it is for. Everything else, such as
 * where it comes from, the role's id and the session's name, is not known here.
 */
function requestOf({ accountId }: CheckedTarget, { principal: role, action, resource, context }: Intended) {
  const { context: known, absentKeys, possibleValues, ...rest } = ofUsing(new Date().toISOString(), "pod");
  const principal = role.kind === "role-session" ? roleSession(role.roleArn) : role;
  return {
    principal,
    action,
    resource,
    resourceAccount: accountId,
    ...rest,
    absentKeys: (absentKeys ?? []).filter((key) => !ofSessions.test(key)),
    possibleValues: { ...possibleValues, ...tls },
    context: together(known, principalContext(principal), context),
  };
}

/** Whether somebody without credentials, who chooses what a caller can choose, is allowed it. */
function anybodyMay(
  target: CheckedTarget,
  document: PolicyDocument,
  { action, resource, context }: Intended,
): boolean {
  const principal = { kind: "anonymous" as const };
  const now = new Date().toISOString();
  const { context: known } = ofUsing(now, "nobody");
  return statementsOf(document)
    .filter(({ Effect }) => Effect === "Allow")
    .some((statement) => {
      const whole = together(known, { "s3:TlsVersion": "1.3" }, chosenFor(statement), context);
      const request = { principal, action, resource, resourceAccount: target.accountId, context: whole };
      return evaluate(request, { identity: [], resource: { name: target.arn, document } }).effect === "allow";
    });
}

/** What a caller sends as it likes. */
const anybodys = /^(aws:(useragent|referer)|s3:(tlsversion|prefix|delimiter|max-keys|x-amz-.+))$/;

/** What meets a statement's conditions, as far as anybody can have it. */
function chosenFor(statement: Statement): Record<string, string> {
  const addresses = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({
      parsed: parseOperator(operator),
      key,
      texts: textsOf(value) ?? [],
    })),
  );
  const anywhere = addresses.some(
    ({ parsed, key, texts }) =>
      foldCase(key) === "aws:sourceip" && anybodyMeets({ parsed, folded: foldCase(key), texts }),
  );
  return Object.fromEntries(
    Object.entries(fulfilled(statement)).filter(
      ([key]) => anybodys.test(foldCase(key)) || (anywhere && foldCase(key) === "aws:sourceip"),
    ),
  );
}

function defeated(target: CheckedTarget, name: string, actions: string[]): PreflightFinding {
  return about(target, {
    id: "policy.deny",
    severity: "error",
    title: "A Deny in the resource's policy defeats this grant",
    detail: `"${name}" in the policy of ${target.arn} denies ${actions.join(", ")} to the workload's role.`,
    nextStep:
      "Ask the resource's owner to spare the role, or ask for a level without these actions; an explicit Deny always wins.",
  });
}

function maybeDefeated(target: CheckedTarget, name: string): PreflightFinding {
  return about(target, {
    id: "policy.deny",
    severity: "warning",
    title: "A Deny in the resource's policy may undo this grant",
    detail: `"${name}" in the policy of ${target.arn} denies what the grant allows, at least under some conditions.`,
    nextStep:
      "Ask the resource's owner whether the Deny is meant for this workload; an explicit Deny always wins.",
  });
}

function isPublic(target: CheckedTarget, actions: string[]): PreflightFinding {
  return about(target, {
    id: "policy.public",
    severity: "error",
    title: "Anybody may use the resource",
    detail: `The policy of ${target.arn} allows ${actions.join(", ")} without credentials, so no grant can say who may.`,
    nextStep: "Ask the resource's owner to remove the public statement first.",
  });
}
