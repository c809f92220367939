import type { ResourceTypeMetadata } from "../../metadata/metadata.ts";
import { globsOverlap } from "../overlap.ts";

/** The parts of a resource as written: an ARN that may end early with a wildcard, which then covers the rest. */
export function splitResource(text: string) {
  const [, partition = "", service = "", ...rest] = text.split(":");
  const [region, account] = rest;
  const short = rest.length < 3;
  const resource = short ? "*" : rest.slice(2).join(":");
  return {
    partition,
    service,
    region: short && rest.length < 2 ? "*" : (region ?? "*"),
    account: short ? "*" : (account ?? "*"),
    resource,
    /** The resource; what a variable stands for may be anything. */
    // Without a brace inside, so that a text full of openings is read once.
    pattern: resource.replace(/\$\{[^{}]*\}/g, "*"),
  };
}

export type Parts = ReturnType<typeof splitResource>;

/** A type's ARN in parts, its open places as wildcards. */
interface Template {
  service: string;
  region: string;
  account: string;
  glob: string;
  /** A bucket's name has no slash; other parts that a template leaves open may. */
  slash: boolean;
}

const templates = new WeakMap<ResourceTypeMetadata, Template>();

function templateOf(type: ResourceTypeMetadata): Template {
  let template = templates.get(type);
  if (template === undefined) {
    const [, , service = "", region = "", account = "", ...rest] = type.arn.split(":");
    const resource = rest.join(":");
    const glob = resource.replace(/\$\{[^}]*\}/g, "*");
    template = { service, region, account, glob, slash: !/^\$\{BucketName\}$/.test(resource) };
    templates.set(type, template);
  }
  return template;
}

/** Whether ARNs of the type have this service. */
export function sameService(type: ResourceTypeMetadata, service: string): boolean {
  return templateOf(type).service === service;
}

/** Whether the written resource can be one of the type. */
export function fitsType(written: Parts, type: ResourceTypeMetadata): boolean {
  return sameService(type, written.service) && fieldFault(written, type) === null && overlaps(written, type);
}

export type ArnFault =
  | "resource.of-no-type"
  | "resource.account-not-allowed"
  | "resource.region-not-allowed"
  | "resource.field-missing";

/** Why the ARN is of none of the types, or null when it is of one. */
export function arnFault(written: Parts, types: Iterable<ResourceTypeMetadata>): ArnFault | null {
  let fault: ArnFault | null = null;
  for (const type of types) {
    if (!overlaps(written, type)) continue;
    const own = fieldFault(written, type);
    if (own === null) return null;
    fault ??= own;
  }
  return fault ?? "resource.of-no-type";
}

/** What is wrong with Region or account, given that it is of this type. */
function fieldFault(written: Parts, type: ResourceTypeMetadata): ArnFault | null {
  const { region, account } = templateOf(type);
  if (region === "" && written.region !== "" && !written.region.includes("*")) {
    return "resource.region-not-allowed";
  }
  if (account === "" && written.account !== "" && !written.account.includes("*")) {
    return "resource.account-not-allowed";
  }
  const missing = (wanted: string, have: string) => wanted !== "" && have === "";
  return missing(region, written.region) || missing(account, written.account)
    ? "resource.field-missing"
    : null;
}

/** A type's ARN with two names that have nothing in common. */
function examplesOf(type: ResourceTypeMetadata): string[] {
  const resource = type.arn.split(":").slice(5).join(":");
  return ["a", "Z9"].map((name) => resource.replace(/\$\{[^}]*\}/g, name));
}

/** Whether the written resource is every one of the type, of some account and Region: `function:*`, `table/*`. */
export function isWholeType(written: Parts, type: ResourceTypeMetadata): boolean {
  return (
    sameService(type, written.service) &&
    fieldFault(written, type) === null &&
    examplesOf(type).every((example) => globsOverlap(written.resource, example))
  );
}

/** Wildcards beyond this many are not followed: nobody writes them, and each multiplies the ways to look at. */
const mostWildcards = 16;

function overlaps({ pattern }: Parts, type: ResourceTypeMetadata): boolean {
  if (pattern.split("*", mostWildcards + 2).length > mostWildcards + 1) return true;
  const { glob, slash } = templateOf(type);
  return (slash || !pattern.includes("/")) && globsOverlap(pattern, glob);
}
