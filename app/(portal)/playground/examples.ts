import { type PatternExample, patternExamples } from "#lib/desired/example-policies.ts";
import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { fulfilled } from "#lib/policy/intended.ts";
import { exampleState, type PlaygroundExample, rowsOf } from "#lib/policy/playground/example.ts";
import { guideExamples } from "#lib/policy/playground/guide-examples.ts";
import { mistakeExamples } from "#lib/policy/playground/mistake-examples.ts";
import type { PlaygroundQuestion } from "#lib/policy/playground/state.ts";
import { actionsOf, callersOf } from "#lib/policy/probes.ts";

/** Everything that the playground has to begin with. */
export function playgroundExamples(): PlaygroundExample[] {
  return [...patternExamples().flatMap(patternEntries), ...mistakeExamples, ...guideExamples];
}

/** Who may become the last role, and what it may do with the target. */
function patternEntries({
  pattern,
  title,
  roles,
  target,
  targetPolicy,
}: PatternExample): PlaygroundExample[] {
  const role = roles.at(-1);
  const source = roles.at(-2);
  if (!role) return [];
  const group = "pattern";
  return [
    {
      id: `pattern-${pattern}-data`,
      group,
      title,
      note: targetPolicy ? "What the role and the target's policy allow" : "What the role may read",
      state: exampleState(
        [
          ...role.policies.map((policy) => ["identity", printed(policy)] as ["identity", string]),
          ...(targetPolicy ? [["resource", printed(targetPolicy)] as ["resource", string]] : []),
        ],
        {
          caller: { kind: "role", name: role.arn, session: "pod" },
          action: "s3:GetObject",
          resource: `${target.arn}/2026/may.csv`,
          resourceAccount: target.accountId,
        },
      ),
    },
    {
      id: `pattern-${pattern}-trust`,
      group,
      title: `${title}: trust`,
      note: "Who may become the role",
      state: exampleState(
        [
          ["trust", printed(role.trust)],
          // Across accounts the role that assumes it has to be allowed to as well.
          ...(source?.policies ?? []).map((policy) => ["identity", printed(policy)] as ["identity", string]),
        ],
        trustQuestion(role.arn, role.trust),
      ),
    },
  ];
}

/** The request that the first statement of a trust policy is there for. */
function trustQuestion(roleArn: string, trust: PolicyDocument): Partial<PlaygroundQuestion> {
  const [statement] = statementsOf(trust);
  const caller = statement && callersOf(statement)[0];
  if (!statement || !caller) return {};
  return {
    caller: callerFields(caller),
    action: actionsOf(statement, true)[0] ?? "",
    resource: roleArn,
    context: rowsOf(fulfilled(statement)),
  };
}

function callerFields(caller: ReturnType<typeof callersOf>[number]): PlaygroundQuestion["caller"] {
  switch (caller.kind) {
    case "role-session":
      return { kind: "role", name: caller.roleArn, session: "pod" };
    case "federated":
      return { kind: "web-identity", name: caller.provider, session: "" };
    case "service":
      return { kind: "service", name: caller.service, session: "" };
    case "user":
    case "root":
      return { kind: caller.kind, name: caller.arn, session: "" };
    case "anonymous":
      return { kind: "anonymous", name: "", session: "" };
  }
}

function printed(document: PolicyDocument): string {
  return JSON.stringify(document, null, 2);
}
