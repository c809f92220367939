import { hasWildcard } from "../../glob.ts";
import type { ResourceTypeMetadata } from "../../metadata/metadata.ts";
import type { CheckContext, CheckedStatement } from "../context.ts";
import type { Item } from "../view.ts";
import { isResource } from "./grammar-values.ts";
import { type ArnFault, arnFault, fitsType, sameService, splitResource } from "./resource-types.ts";
import { checkResourceWidth, isAnyResource } from "./resource-width.ts";

const partitions = new Set([
  "aws",
  "aws-cn",
  "aws-us-gov",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f",
  "aws-eusc",
]);

/** Whether the resources are ARNs that something has, that the actions take, and how wide they are. */
export function checkResources(context: CheckContext): void {
  if (context.kind === "trust") return;
  checkPartitions(context);
  for (const statement of context.statements) {
    const types = typesOf(statement, context);
    const sound = statement.resources.filter(
      (item) => isResource(item.text) && (isAnyResource(item.text) || checkArn(item, types, context)),
    );
    // With a broken ARN nobody knows what the actions are meant for.
    if (sound.length === statement.resources.length && statement.resourceElement === "Resource") {
      checkActionsTake(statement, sound, context);
    }
    checkResourceWidth(statement, context);
  }
}

function checkPartitions({ document, report }: CheckContext): void {
  const statement = document.Statement;
  const found = [...JSON.stringify(statement ?? null).matchAll(/"arn:(aws[a-z-]*):[a-z]/g)].map(
    ([, name]) => name,
  );
  const [first, other] = new Set(found);
  if (other === undefined) return;
  report("resource.mixed-partitions", ["Statement"], `The document names ARNs of ${first} and of ${other}.`);
}

/** The resource types of the services that the statement's actions belong to. */
function typesOf({ resolved }: CheckedStatement, { metadata }: CheckContext): ResourceTypeMetadata[] {
  const prefixes = new Set(
    resolved.flatMap((actions) => actions?.map(({ service }) => service.prefix) ?? []),
  );
  return [...prefixes].flatMap((prefix) => metadata.service(prefix)?.resourceTypes ?? []);
}

/** Reports what is wrong with the ARN itself; whether nothing is. */
function checkArn(item: Item, types: readonly ResourceTypeMetadata[], context: CheckContext): boolean {
  const { text, path } = item;
  const parts = splitResource(text);
  const { partition, service, region, account } = parts;
  // The grammar's to report.
  if (text.split(":", 5).some((part) => part.includes("${"))) return false;
  const open = (part: string) => part === "" || hasWildcard(part);
  if (!open(partition) && !partitions.has(partition)) {
    context.report(
      "resource.unknown-partition",
      path,
      `${JSON.stringify(partition)} is not a partition of AWS.`,
    );
    return false;
  }
  const lower = service.toLowerCase();
  if (!context.metadata.isArnService(service) && (lower !== service || !context.metadata.service(service))) {
    if (lower !== service && context.metadata.isArnService(lower)) {
      context.report(
        "resource.service-case",
        path,
        `The service ${JSON.stringify(service)} is written "${lower}".`,
      );
    } else {
      context.report("resource.unknown-service", path, `No ARN has the service ${JSON.stringify(service)}.`);
    }
    return false;
  }
  if (!open(region) && !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) {
    context.report("resource.invalid-region", path, `${JSON.stringify(region)} is not a Region.`);
    return false;
  }
  if (!open(account) && !/^(\d{12}|aws|amazon)$/.test(account)) {
    const detail = `${JSON.stringify(account)} is not an account: accounts have 12 digits.`;
    context.report("resource.invalid-account", path, detail);
    return false;
  }
  const all = new Set([...types, ...(context.metadata.service(service)?.resourceTypes ?? [])]);
  const candidates = [...all].filter((type) => sameService(type, service));
  const fault = candidates.length === 0 ? null : arnFault(parts, candidates);
  if (fault !== null) context.report(fault, path, faultDetail(fault, text, service));
  return fault === null;
}

function faultDetail(fault: ArnFault, text: string, service: string): string {
  if (fault === "resource.of-no-type")
    return `No resource of ${service} has an ARN like ${JSON.stringify(text)}.`;
  if (fault === "resource.field-missing")
    return `In ${JSON.stringify(text)} the Region or the account is empty.`;
  const part = fault === "resource.account-not-allowed" ? "account" : "Region";
  return `ARNs like ${JSON.stringify(text)} have no ${part}.`;
}

/** Each entry of `Action` has to find a resource that it can be done to. */
function checkActionsTake(
  statement: CheckedStatement,
  resources: readonly Item[],
  context: CheckContext,
): void {
  if (statement.actionElement === "NotAction" || resources.length === 0) return;
  if (resources.some(({ text }) => text === "*")) return;
  const parts = resources.map(({ text }) => splitResource(text));
  const named = new Map<ResourceTypeMetadata, boolean>();
  const isNamed = (type: ResourceTypeMetadata) => {
    const known = named.get(type) ?? parts.some((one) => fitsType(one, type));
    named.set(type, known);
    return known;
  };
  for (const [at, item] of statement.actions.entries()) {
    const resolved = statement.resolved[at];
    if (!resolved || resolved.length === 0) continue;
    // A Deny by a pattern means whatever fits it: that some of it can't happen here is no mistake.
    if (statement.effect === "Deny" && hasWildcard(item.text)) continue;
    if (resolved.some(({ action }) => action.resourceTypes.some(isNamed))) continue;
    const bare = resolved.every(({ action }) => action.resourceTypes.length === 0);
    if (bare) {
      context.report("resource.action-needs-star", item.path, `${item.text} takes no resource but *.`);
    } else {
      const types = new Set(resolved.flatMap(({ action }) => action.resourceTypes.map(({ name }) => name)));
      const wanted = [...types].slice(0, 3).join(" or ");
      const detail = `${item.text} is about a resource of the kind ${wanted}, and none is named here.`;
      context.report("resource.not-of-action", item.path, detail);
    }
  }
}
