import { parseArn } from "#lib/model/arn.ts";
import type { AccessLevel, Grant } from "#lib/model/grant.ts";
import { type ClusterRef, clusterKey, type Workload } from "#lib/model/workload.ts";
import { type CustomValues, customValuesOf, emptyCustom } from "./custom/custom-values.ts";
import type { FormOptions, ServiceOption, TargetOption } from "./types.ts";

/** What the fields hold while one types: texts, not yet a submission. */
export interface TargetValues {
  /** An ARN, or a name that is still being typed. */
  text: string;
  /** Asked only where the ARN does not carry it and the inventory does not know it. */
  accountId: string;
  level: AccessLevel;
  /** Kept while another level is chosen. */
  custom: CustomValues;
  subResource: string;
  /** A number of days, `date`, `never` or `asked` (the end that the revised version has). */
  until: string;
  /** For `date`: YYYY-MM-DD. */
  untilDate: string;
  /** For `asked`: RFC 3339, else empty. */
  untilAsked: string;
  pattern: string;
}

export interface FormValues {
  cluster: string;
  namespace: string;
  serviceAccount: string;
  grants: TargetValues[];
  reason: string;
}

/** The choice that leaves the pattern to Drawbridge. */
export const automaticPattern = "auto";

export const presetDays = [30, 90, 180, 365] as const;
const defaultDays = 90;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

function defaultUntil(maxDays: number): string {
  return String([...presetDays].reverse().find((days) => days <= Math.min(defaultDays, maxDays)) ?? "date");
}

export function emptyTarget(maxDays: number): TargetValues {
  return {
    text: "",
    accountId: "",
    level: "read",
    custom: emptyCustom,
    subResource: "",
    until: defaultUntil(maxDays),
    untilDate: "",
    untilAsked: "",
    pattern: automaticPattern,
  };
}

export function emptyValues(options: FormOptions): FormValues {
  const [only, ...others] = options.clusters.filter((cluster) => cluster.ready);
  return {
    cluster: only && others.length === 0 ? clusterKey(only) : "",
    namespace: "",
    serviceAccount: "",
    grants: [emptyTarget(options.maxDays)],
    reason: "",
  };
}

/** The form filled from a version that is revised. */
export function valuesOf(workload: Workload, grants: readonly Grant[], reason: string): FormValues {
  return {
    cluster: clusterKey(workload.cluster),
    namespace: workload.namespace,
    serviceAccount: workload.serviceAccount,
    grants: grants.map((grant) => ({
      text: grant.target.arn,
      accountId: grant.target.accountId,
      level: grant.level,
      custom: customValuesOf(grant.custom),
      subResource: grant.subResource ?? "",
      until: grant.expiresAt === null ? "never" : "asked",
      untilDate: "",
      untilAsked: grant.expiresAt ?? "",
      pattern: grant.pattern,
    })),
    reason,
  };
}

/** The form of a live grant, for a change of it; of a renewal with the shortest preset that ends later. */
export function changeValues(grant: Grant, now: number, options: FormOptions, renewal: boolean): FormValues {
  const values = valuesOf(grant.workload, [grant], "");
  if (!renewal) return values;
  const later = presetDays.find(
    (days) =>
      days <= options.maxDays &&
      grant.expiresAt !== null &&
      now + days * dayMs - hourMs > Date.parse(grant.expiresAt),
  );
  const until = later === undefined ? "date" : String(later);
  return { ...values, grants: values.grants.map((target) => ({ ...target, until })) };
}

export function clusterOf(key: string, options: FormOptions) {
  return options.clusters.find((cluster) => clusterKey(cluster) === key);
}

export function clusterRef({ accountId, region, name }: ClusterRef): ClusterRef {
  return { accountId, region, name };
}

/** What is known of a target from what was typed. */
export interface ResolvedTarget {
  arn: string | null;
  /** Null: it has to be asked. */
  accountId: string | null;
  service: ServiceOption | null;
  name: string;
  region: string;
  /** The inventory's entry, if it has one. */
  known: TargetOption | null;
}

/** As lib/model/grant.ts has it. */
const maxArn = 1600;

const serviceOfArn = (id: string, options: FormOptions) =>
  options.services.find((service) => service.id === id) ?? null;

/** An ARN, or the exact name of one single resource of the inventory. */
export function resolveTarget(text: string, options: FormOptions): ResolvedTarget {
  const typed = text.trim();
  const named = options.targets.filter((target) => target.name === typed);
  const known =
    options.targets.find((target) => target.arn === typed) ?? (named.length === 1 ? named[0] : undefined);
  if (known)
    return {
      arn: known.arn,
      accountId: known.accountId,
      service: serviceOfArn(known.service, options),
      name: known.name,
      region: known.region,
      known,
    };
  const arn = typed.length <= maxArn ? parseArn(typed) : undefined;
  if (!arn) return { arn: null, accountId: null, service: null, name: typed, region: "", known: null };
  return {
    arn: typed,
    accountId: arn.account || null,
    service: serviceOfArn(arn.service, options),
    name: arn.resource,
    region: arn.region,
    known: null,
  };
}

/** The account of the target: the ARN's, the inventory's, or the one that was asked for. */
export function accountOf(target: TargetValues, resolved: ResolvedTarget): string | null {
  return resolved.accountId ?? (target.accountId || null);
}

/** People end prefixes with a slash, and mean the same. */
export function prefixOf(target: TargetValues): string {
  return target.subResource.trim().replace(/\/+$/, "");
}

/** The end of access, RFC 3339 in whole seconds; null: until revoked; undefined: not said yet. */
export function expiryOf(target: TargetValues, now: number): string | null | undefined {
  if (target.until === "never") return null;
  if (target.until === "asked") return target.untilAsked || null;
  if (target.until === "date") return target.untilDate === "" ? undefined : `${target.untilDate}T23:59:59Z`;
  // Whole hours, rounded down: the preview stays the same as one types, and the longest preset is never too long.
  return seconds(Math.floor(now / hourMs) * hourMs + Number(target.until) * dayMs);
}

function seconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The last day that may be chosen, so that its end is not too far. */
export function lastDay(now: number, maxDays: number): string {
  return new Date(now + (maxDays - 1) * dayMs).toISOString().slice(0, 10);
}

export function firstDay(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
