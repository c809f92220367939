import { hasWildcard } from "../../glob.ts";
import { type CheckContext, type CheckedStatement, demandsKey, several } from "../context.ts";
import { isEverything } from "../resolve-actions.ts";
import type { Item } from "../view.ts";
import { isResource } from "./grammar-values.ts";
import { splitResource } from "./resource-types.ts";

/** Keys that say whose or which resource is meant, as an ARN would. */
export const resourceKeys = [
  "aws:resourcetag/",
  "aws:resourceaccount",
  "aws:resourceorg",
  "s3:resourceaccount",
  "iam:resourcetag/",
  "ec2:resourcetag/",
  "ssm:resourcetag/",
  "secretsmanager:resourcetag/",
  "kms:requestalias",
  "kms:resourcealiases",
];

/** Whether the text stands for any resource, at least of its service. */
export function isAnyResource(text: string): boolean {
  return text === "*" || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:\?*[*][*?]*([/:][*?]+)*$/.test(text);
}

/** How much the resources of an identity's Allow take in. */
export function checkResourceWidth(
  statement: CheckedStatement,
  { kind, service, report }: CheckContext,
): void {
  if (kind === "resource" && service === "s3") checkOwnBucket(statement, report);
  if (statement.effect !== "Allow") return;
  if (statement.resourceElement === "NotResource" && (kind === "identity" || kind === "resource")) {
    const but = several(statement.resources.map(({ text }) => text));
    const detail = `Every resource is allowed but ${but === "" ? "none" : but}.`;
    report("resource.not-resource-allow", [...statement.path, "NotResource"], detail, "key");
    return;
  }
  if (kind !== "identity") return;
  const limited = demandsKey(statement.conditions, resourceKeys);
  for (const item of statement.resources) {
    if (!isResource(item.text)) continue;
    if (isAnyResource(item.text)) {
      if (!limited) reportAny(statement, item, report);
      continue;
    }
    const { service, account, resource } = splitResource(item.text);
    if (hasWildcard(account) && service !== "s3" && !limited) {
      report("resource.any-account", item.path, `${JSON.stringify(item.text)} is of any account.`);
    }
    if (
      service === "s3" &&
      hasWildcard(resource.split("/")[0] ?? "") &&
      !resource.includes(":") &&
      !limited
    ) {
      const detail = `${JSON.stringify(item.text)} fits buckets that anybody may make.`;
      report("resource.bucket-pattern", item.path, detail);
    }
  }
}

/** A bucket's policy can only be about the bucket that it is attached to. */
function checkOwnBucket({ resources }: CheckedStatement, report: CheckContext["report"]): void {
  for (const { text, path } of resources) {
    const { service, account, resource } = splitResource(text);
    if (service !== "s3" || account !== "" || !hasWildcard(resource.split("/")[0] ?? "")) continue;
    report("resource.not-its-own", path, `${JSON.stringify(text)} does not name one bucket.`);
  }
}

/** These have findings of their own. */
const apart = new Set(["iam:PassRole", "sts:AssumeRole", "iam:CreateServiceLinkedRole"]);

function reportAny(statement: CheckedStatement, item: Item, report: CheckContext["report"]): void {
  if (statement.actionElement === "NotAction") return;
  if (statement.actions.some(({ text }) => isEverything(text))) return;
  const limitable = statement.resolved
    .flatMap((actions) => actions ?? [])
    .filter(({ action, name }) => action.resourceTypes.length > 0 && !apart.has(name));
  const writing = limitable.filter(({ action }) => action.level !== "read" && action.level !== "list");
  if (writing.length > 0) {
    const names = several(writing.map(({ name }) => name));
    report("resource.any-written", item.path, `${names} may be done to any resource.`);
  } else if (limitable.length > 0) {
    const names = several(limitable.map(({ name }) => name));
    report("resource.any", item.path, `${names} may be done to any resource.`);
  }
}
