import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { foldCase } from "./glob.ts";
import { isPrivateRange } from "./ip.ts";
import type { CallerPrincipal } from "./principals.ts";

/** A request that a permission is meant for. */
export interface IntendedRequest {
  action: string;
  /** An ARN without wildcards. */
  resource: string;
  /** What the permission's own conditions ask of a request, e.g. `s3:prefix`. */
  context: Record<string, string>;
}

/** One request for each action and resource that a document allows on the target or within it. */
export function intendedRequests(document: PolicyDocument, targetArn: string): IntendedRequest[] {
  return statementsOf(document)
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap((statement) =>
      listOf(statement.Resource)
        .filter((resource) => resource === targetArn || resource.startsWith(`${targetArn}/`))
        .flatMap((resource) =>
          listOf(statement.Action).map((action) => ({
            action,
            resource: example(resource),
            context: fulfilled(statement),
          })),
        ),
    );
}

/** A session of the role, whose id nobody here knows; of many sessions the name is `*`. */
export function roleSession(roleArn: string, name = "*"): CallerPrincipal {
  const [, partition, , , accountId = ""] = roleArn.split(":");
  const sessionArn = `arn:${partition}:sts::${accountId}:assumed-role/${roleArn.split("/").at(-1)}/${name}`;
  return { kind: "role-session", roleArn, roleId: null, sessionArn, accountId };
}

/** Operators without dates: when the request is made is not for the permission to say. */
const chosen =
  /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress|Bool|Numeric(LessThan|GreaterThan)?Equals)(IfExists)?$/i;

/**
 * Values that the statement's conditions take: the first of each, and rather one that is no pattern. None where no
 * request has one of them.
 */
export function fulfilled({ Condition = {} }: Statement): Record<string, string> {
  const entries = Object.entries(Condition)
    .filter(([operator]) => chosen.test(operator))
    .toSorted(([a], [b]) => Number(/like/i.test(b)) - Number(/like/i.test(a)))
    .flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => ({ operator, key, values })))
    .flatMap(({ operator, key, values }) => {
      const possible = listOf(values)
        .map(String)
        .filter((value) => foldCase(key) !== "aws:sourceip" || !isPrivateRange(value));
      const [first] = possible;
      if (first === undefined) return [];
      // Of a range of addresses the first.
      return [[key, operator === "IpAddress" ? first.replace(/\/.*$/, "") : example(first)]];
    });
  return Object.fromEntries(entries);
}

/** All values that the statement's conditions take of a key, patterns as they are written. */
export function takenValues({ Condition = {} }: Statement, key: string): string[] {
  return Object.entries(Condition)
    .filter(([operator]) => chosen.test(operator.replace(/^ForAllValues:/i, "")))
    .flatMap(([, keys]) => Object.entries(keys))
    .filter(([name]) => foldCase(name) === foldCase(key))
    .flatMap(([, values]) => listOf(values).map(String));
}

/** A wildcard stands for one thing. */
export function example(pattern: string): string {
  return pattern.replaceAll("*", "example").replaceAll("?", "x");
}
