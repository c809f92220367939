import { listOf } from "#lib/model/policy-document.ts";
import { isRecord } from "#lib/policy/conditions.ts";
import type { FindingCase } from "./disagreements.ts";

/** What a reduced document has that the two sides may differ about, the subject among it. */
export function documentFeatures(subject: string, { kind, document }: FindingCase): Set<string> {
  if (typeof document === "string") return new Set([subject, kind, "text"]);
  const statements = isRecord(document) ? listOf(document.Statement).filter(isRecord) : [];
  return new Set([subject, kind, ...statements.flatMap(statementFeatures)]);
}

function statementFeatures(statement: Record<string, unknown>): string[] {
  const { Effect, Sid, Action, Resource, Principal, Condition } = statement;
  const has = (yes: boolean, feature: string) => (yes ? [feature] : []);
  const actions = listOf(Action).map(String);
  const resources = listOf(Resource).map(String);
  const operators = isRecord(Condition) ? Object.keys(Condition) : [];
  return [
    ...has(Effect === "Deny", "Deny"),
    ...has(Sid === "", "empty Sid"),
    ...has(actions.includes("*"), "all actions"),
    ...has(
      actions.some((action) => action.includes("*")),
      "pattern of actions",
    ),
    ...has(actions.length > 1 || actions.some((action) => action.includes("*")), "many actions"),
    ...has(actions.includes("ssm:SendCommand"), "action on two kinds of resource"),
    ...has(
      resources.some((arn) => arn.startsWith("arn:") && arn.split(":").length < 6),
      "ARN cut short",
    ),
    ...has(
      resources.some((arn) => arn.split(":").slice(0, 5).join(":").includes("${")),
      "variable before the resource part",
    ),
    ...has(
      resources.some((arn) => /^arn:[^*]*:\*(\/\*)?$|:role\/\??\*$/.test(arn)),
      "everything of a service",
    ),
    ...has(
      resources.some((arn) => /^arn:aws:s3:::[^$]*:/.test(arn)),
      "colon in the resource",
    ),
    ...has(resources.length > 1, "many resources"),
    ...has(Condition !== undefined, "Condition"),
    ...operators.map((operator) =>
      /^[a-z]/.test(operator) ? "operator in lower case" : `operator ${operator}`,
    ),
    ...(typeof Principal === "string" ? ["Principal as text"] : principalFeatures(Principal)),
  ];
}

const KINDS: [string, RegExp][] = [
  ["session", /:assumed-role\//],
  ["unique id", /^A(ROA|IDA)/],
  ["OIDC provider", /:oidc-provider\//],
  ["placeholder", /<\w+>/],
  ["group", /:group\//],
  ["pattern of roles", /:role\/.*\*/],
];

function principalFeatures(principal: unknown): string[] {
  if (!isRecord(principal)) return [];
  return Object.entries(principal).flatMap(([type, values]) => [
    `Principal ${type}`,
    ...listOf(values).flatMap((value) =>
      KINDS.flatMap(([kind, form]) => (form.test(String(value)) ? [kind] : [])),
    ),
  ]);
}
