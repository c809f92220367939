import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
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

/** A session of the role. */
export function roleSession(roleArn: string, name: string): CallerPrincipal {
  const [, partition, , , accountId = ""] = roleArn.split(":");
  const sessionArn = `arn:${partition}:sts::${accountId}:assumed-role/${roleArn.split("/").at(-1)}/${name}`;
  return { kind: "role-session", roleArn, roleId: "AROAEXAMPLE", sessionArn, accountId };
}

/** Values that the statement's conditions on texts and ARNs take: the first of each. */
export function fulfilled({ Condition = {} }: Statement): Record<string, string> {
  const entries = Object.entries(Condition)
    .filter(([operator]) => /^(String|Arn)(Equals|Like)$/.test(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .map(([key, values]) => [key, example(String(listOf(values)[0] ?? ""))]);
  return Object.fromEntries(entries);
}

/** A wildcard stands for one thing. */
function example(pattern: string): string {
  return pattern.replaceAll("*", "example");
}
