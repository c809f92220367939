import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { parseDate, parseOperator, validValue } from "#lib/policy/operators.ts";
import type { DecisionCase, OrganizationPolicy } from "./decision-case.ts";

/** What a reduced case has that the two sides may differ about: words that the list of disagreements goes by. */
export function featuresOf({ function: name, request, policies }: DecisionCase): Set<string> {
  const { identity, boundary, session = [], resource, scps = [], rcps = [] } = policies;
  const keys = new Map(Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), value]));
  const plain = (list: OrganizationPolicy[]) => list.map((one) => ("document" in one ? one.document : one));
  const places: [string, PolicyDocument[]][] = [
    ["identity policy", identity],
    ["boundary", boundary ? [boundary] : []],
    ["session policy", session],
    ["resource policy", resource ? [resource] : []],
    ["SCP", plain(scps)],
    ["RCP", plain(rcps)],
  ];
  return new Set([
    name === "evaluateTrust" ? "role assumed" : "resource used",
    request.action,
    `caller ${request.principal.kind}`,
    ...has(
      request.principal.kind === "role-session" && pathOf(request.principal.roleArn) !== "",
      "caller with a path",
    ),
    ...has(
      request.principal.kind === "role-session" &&
        /:role\/aws-service-role\//.test(request.principal.roleArn),
      "service-linked role",
    ),
    ...has(/^kms:/i.test(request.action) && resource === undefined, "key without a policy"),
    ...has(
      name === "evaluateTrust" && (resource ? statementsOf(resource) : []).some((one) => "Resource" in one),
      "Resource in a trust policy",
    ),
    ...has(keys.size < Object.keys(request.context).length, "key twice"),
    ...has(partitions({ request, policies }).size > 1, "several partitions"),
    "accountId" in request.principal && request.principal.accountId === request.resourceAccount
      ? "same account"
      : "other account",
    ...places.flatMap(([place, documents]) =>
      documents.length === 0 ? [] : [place, ...documents.flatMap((one) => documentFeatures(one, keys))],
    ),
  ]);
}

const has = (yes: boolean, feature: string): string[] => (yes ? [feature] : []);

/** `drawbridge/` of `arn:aws:iam::111122223333:role/drawbridge/src`. */
const pathOf = (roleArn: string) => /:role\/(.*\/)?/.exec(roleArn)?.[1] ?? "";

/** The partitions of the resource's ARN, the caller's and those of the principals that policies name. */
function partitions(of: object): Set<string | undefined> {
  const arns = JSON.stringify(of).matchAll(/"(?:resource|roleArn|arn|AWS)":"arn:([\w-]+):/g);
  return new Set([...arns].map(([, partition]) => partition));
}

type Keys = ReadonlyMap<string, string | string[]>;

function documentFeatures(document: PolicyDocument, keys: Keys): string[] {
  const version = document.Version === "2012-10-17" ? [] : ["old Version"];
  return statementsOf(document).flatMap((statement) => [...version, ...statementFeatures(statement, keys)]);
}

function statementFeatures(statement: Statement, keys: Keys): string[] {
  const { Resource, NotResource, Principal, NotPrincipal, Condition = {} } = statement;
  const who = NotPrincipal ?? Principal;
  return [
    ...["NotAction", "NotResource", "NotPrincipal"].filter((element) => element in statement),
    ...principalFeatures(who),
    ...listOf(Resource ?? NotResource ?? []).flatMap((text) => resourceFeatures(text, keys)),
    ...Object.entries(Condition).flatMap(([operator, asked]) => [
      ...has(Object.keys(asked).length === 0, "operator without keys"),
      ...Object.entries(asked).flatMap(([key, values]) =>
        conditionFeatures(operator, keys.get(key.toLowerCase()), listOf(values).map(String), keys),
      ),
    ]),
  ];
}

function resourceFeatures(text: string, keys: Keys): string[] {
  const segments = text.split(":");
  return [
    ...variableFeatures(text, "Resource", keys),
    ...has(text !== "*" && segments.length < 6, "Resource cut short"),
    ...has(segments[2]?.includes("*") === true, "wildcard for the service"),
    ...has(
      segments.slice(3, -1).some((segment) => segment.endsWith("*")),
      "wildcard that ends a segment",
    ),
    ...has(
      segments.slice(0, 5).some((segment) => segment.includes("${")),
      "variable before the resource part",
    ),
  ];
}

function principalFeatures(principal: Statement["Principal"]): string[] {
  if (principal === undefined) return [];
  if (typeof principal === "string") return ["Principal *"];
  return Object.entries(principal).flatMap(([type, values]) =>
    listOf(values as string | string[]).map((value) => {
      if (type !== "AWS") return `Principal ${type}`;
      if (value === "*") return "Principal *";
      if (/^(\d{12}|.*:root)$/.test(value)) return "Principal account";
      return `Principal ${/^arn:aws:\w+::\d+:([\w-]+)\//.exec(value)?.[1] ?? "id"}`;
    }),
  );
}

const FAMILY = /^(?:For\w+:)?(String|Numeric|Date|Arn|Ip|NotIp|Bool|Binary|Null)/;

function conditionFeatures(
  operator: string,
  carried: string | string[] | undefined,
  values: string[],
  keys: Keys,
): string[] {
  const family = FAMILY.exec(operator)?.[1] ?? "unknown";
  const parsed = parseOperator(operator);
  return [
    `operator ${family.replace("NotIp", "Ip")}`,
    ...has(/Not/.test(operator), "negated operator"),
    ...has(operator.startsWith("ForAnyValue:"), "ForAnyValue"),
    ...has(operator.startsWith("ForAllValues:"), "ForAllValues"),
    ...has(operator.endsWith("IfExists"), "IfExists"),
    ...has(carried === undefined, "key absent"),
    ...has(Array.isArray(carried) && carried.length === 0, "key without values"),
    ...has(Array.isArray(carried) && carried.length > 1 && !operator.startsWith("For"), "several values"),
    ...has(carried !== undefined && listOf(carried).some((value) => value === ""), "empty value"),
    ...has(parsed === null, "no such operator"),
    ...has(parsed !== null && values.some((value) => !validValue(parsed, value)), "malformed value"),
    ...has(
      parsed !== null && listOf(carried ?? []).some((value) => !validValue(parsed, value)),
      "malformed value",
    ),
    ...has(values.length === 0, "malformed value"),
    ...values.flatMap((value) => [
      ...variableFeatures(value, "Condition", keys),
      ...has(family === "Numeric" && /e/i.test(value), "exponent"),
      ...has(/Ip/.test(family) && value.endsWith("/0"), "range /0"),
      ...has(
        /Ip/.test(family) && value.includes(":") !== String(carried).includes(":"),
        "other address family",
      ),
      ...has(family === "Arn" && value.split(":").length < 6, "ARN cut short"),
      ...has(family === "Date" && /^\d+$/.test(value) && parseDate(value) !== null, "date in seconds"),
    ]),
  ];
}

function variableFeatures(text: string, place: string, keys: Keys): string[] {
  const found = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, inside = ""]) => inside);
  return found.flatMap((inside) => {
    if (/^[*?$]$/.test(inside)) return [`escape in ${place}`];
    const known = inside.includes(",") || typeof keys.get(inside.toLowerCase()) === "string";
    return ["variable", `variable in ${place}`, ...(known ? [] : ["variable without value"])];
  });
}
