import { type ConditionBlock, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { about, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { type Intended, intendedOn } from "./intended.ts";
import type { CheckedTarget } from "./targets.ts";

/**
 * What statements of others in the target's policy do to the grant. A Deny always wins: one that is certain to match
 * is an error, one that hangs on what nobody knows here (a VPC endpoint, an organisation) a warning. And what anybody
 * may do without credentials, no grant can limit.
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
  { principal, action, resource, context }: Intended,
): { name: string; sure: boolean }[] {
  const whole = { ...principalContext(principal), ...context };
  const known = new Set(Object.keys(whole).map((key) => key.toLowerCase()));
  const { trace } = evaluate(
    { principal, action, resource, resourceAccount: target.accountId, context: whole },
    { identity: [], resource: { name: target.arn, document } },
  );
  const statements = statementsOf(document);
  return trace
    .filter(({ effect, matched }) => effect === "Deny" && matched)
    .map(({ sid, index, undecided = [] }) => ({
      name: sid ?? `statement ${index + 1}`,
      sure:
        undecided.length === 0 &&
        keysOf(statements[index]?.Condition).every((key) => known.has(key.toLowerCase())),
    }));
}

function keysOf(block: ConditionBlock = {}): string[] {
  return Object.values(block).flatMap((keys) => Object.keys(keys));
}

function anybodyMay(
  target: CheckedTarget,
  document: PolicyDocument,
  { action, resource, context }: Intended,
): boolean {
  const principal = { kind: "anonymous" as const };
  const whole = { ...principalContext(principal), ...context };
  const request = { principal, action, resource, resourceAccount: target.accountId, context: whole };
  return evaluate(request, { identity: [], resource: { name: target.arn, document } }).effect === "allow";
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
