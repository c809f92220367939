import type { ResourceTypeMetadata } from "../../metadata/metadata.ts";
import { globsOverlap } from "../overlap.ts";

/** The parts of a resource as written: an ARN that may end early with a wildcard, which then covers the rest. */
export function splitResource(text: string) {
  const [, partition = "", service = "", ...rest] = text.split(":");
  const [region, account] = rest;
  const short = rest.length < 3;
  return {
    partition,
    service,
    region: short && rest.length < 2 ? "*" : (region ?? "*"),
    account: short ? "*" : (account ?? "*"),
    resource: short ? "*" : rest.slice(2).join(":"),
  };
}

type Parts = ReturnType<typeof splitResource>;

/** Whether ARNs of the type have this service. */
export function sameService(type: ResourceTypeMetadata, service: string): boolean {
  return type.arn.split(":")[2] === service;
}

/** Whether the written resource can be one of the type. */
export function fitsType(text: string, type: ResourceTypeMetadata): boolean {
  const written = splitResource(text);
  return sameService(type, written.service) && fieldFault(written, type) === null && overlaps(written, type);
}

export type ArnFault =
  | "resource.of-no-type"
  | "resource.account-not-allowed"
  | "resource.region-not-allowed"
  | "resource.field-missing";

/** Why the ARN is of none of the types, or null when it is of one. */
export function arnFault(text: string, types: readonly ResourceTypeMetadata[]): ArnFault | null {
  const written = splitResource(text);
  const alike = types.filter((type) => overlaps(written, type));
  if (alike.length === 0) return "resource.of-no-type";
  const faults = alike.map((type) => fieldFault(written, type));
  return faults.includes(null) ? null : (faults[0] ?? null);
}

/** What is wrong with Region or account, given that it is of this type. */
function fieldFault(written: Parts, type: ResourceTypeMetadata): ArnFault | null {
  const [, , , region = "", account = ""] = type.arn.split(":");
  if (region === "" && written.region !== "" && !written.region.includes("*"))
    return "resource.region-not-allowed";
  if (account === "" && written.account !== "" && !written.account.includes("*")) {
    return "resource.account-not-allowed";
  }
  const missing = (wanted: string, have: string) => wanted !== "" && have === "";
  return missing(region, written.region) || missing(account, written.account)
    ? "resource.field-missing"
    : null;
}

function overlaps(written: Parts, type: ResourceTypeMetadata): boolean {
  const template = type.arn.split(":").slice(5).join(":");
  const text = written.resource.replace(/\$\{[^}]*\}/g, "*");
  // A bucket's name has no slash; other parts that a template leaves open may.
  if (/^\$\{BucketName\}$/.test(template) && text.includes("/")) return false;
  return globsOverlap(text, globOf(template));
}

const globs = new Map<string, string>();

function globOf(template: string): string {
  let glob = globs.get(template);
  if (glob === undefined) {
    glob = template.replace(/\$\{[^}]*\}/g, "*");
    globs.set(template, glob);
  }
  return glob;
}
