import { foldCase } from "../glob.ts";
import { parseCidr } from "../ip.ts";
import type { ParsedOperator } from "../operators.ts";
import { globsOverlap } from "./overlap.ts";

/** What a condition says of one key. */
export interface Limit {
  parsed: ParsedOperator | null;
  /** the key in lower case */
  folded: string;
  texts: readonly string[];
}

/**
 * Values of a key that have nothing in common but what all of its values have: what fits each of them leaves out none.
 * Where a principal's account is known, they are values of callers of that account.
 */
const samples: readonly [key: RegExp, (account?: string) => string[]][] = [
  [
    /^(aws:(principal|source|resource|vpce)account|aws:sourceowner|kms:calleraccount|s3:(dataaccesspoint|resource)account)$/,
    () => ["000000000000", "999999999999"],
  ],
  [/^aws:(principal|source|resource|vpce)orgid$/, () => ["o-aaaaaaaaaa", "o-99999999999999999999"]],
  [
    /^aws:(principal|source|resource|vpce)orgpaths$/,
    () => ["o-aaaaaaaaaa/r-aaaa/ou-aaaa-aaaaaaaa/", "o-9999999999/r-9999/ou-9999-99999999/"],
  ],
  [/^aws:sourcevpc$/, () => ["vpc-aaaaaaaa", "vpc-99999999999999999"]],
  [/^aws:sourcevpce$/, () => ["vpce-aaaaaaaa", "vpce-99999999999999999"]],
  [
    /^aws:principalarn$/,
    (account) => [
      `arn:aws:iam::${account ?? "000000000000"}:role/a`,
      `arn:aws:iam::${account ?? "999999999999"}:role/Z/9`,
    ],
  ],
  // Of sessions on roles: everybody can have one.
  [/^aws:userid$/, () => ["AROAAAAAAAAAAAAAAAAAA:a", "AROA77777777777777777:Z9"]],
  [
    /^aws:sourcearn$/,
    () => ["arn:aws:sns:aa-aaaa-1:000000000000:a", "arn:aws:events:zz-zzzzzzzz-9:999999999999:Z/9"],
  ],
  [
    /^s3:dataaccesspointarn$/,
    () => [
      "arn:aws:s3:aa-aaaa-1:000000000000:accesspoint/a",
      "arn:aws:s3:zz-zzzzzzzz-9:999999999999:accesspoint/Z9",
    ],
  ],
  [
    /^iam:(permissionsboundary|policyarn)$/,
    () => ["arn:aws:iam::000000000000:policy/a", "arn:aws:iam::999999999999:policy/Z/9"],
  ],
  [/^iam:(passedtoservice|awsservicename)$/, () => ["a.amazonaws.com", "Z9.amazonaws.com"]],
  [/^kms:viaservice$/, () => ["a.aa-aaaa-1.amazonaws.com", "Z9.zz-zzzzzzzz-9.amazonaws.com"]],
  [/^kms:(requestalias|resourcealiases)$/, () => ["alias/a", "alias/Z9"]],
  [/^aws:requestedregion$/, () => ["aa-aaaa-1", "zz-zzzzzzzz-9"]],
  [
    /^aws:(request|principal)tag\/eks-cluster-arn$/,
    () => [
      "arn:aws:eks:aa-aaaa-1:000000000000:cluster/a",
      "arn:aws:eks:zz-zzzzzzzz-9:999999999999:cluster/Z9",
    ],
  ],
];

/**
 * Keys by which a condition can keep strangers out, and what strangers of two accounts have there; `*` for what they
 * choose themselves. Whoever meets all of a row is anybody. Not among the keys: tags, user and session names, which
 * everybody gives in an account of their own; private addresses, which everybody's VPC has; whether a service calls,
 * since services call for everybody.
 *
 * Source: Amazon S3 User Guide, "The meaning of public"; IAM User Guide, "AWS global condition context keys".
 */
const strangers: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["aws:principalarn", [["arn:*:iam::000000000000:*", "arn:*:iam::999999999999:*"]]],
  ["aws:principalaccount", []],
  ["aws:principalorgid", []],
  ["aws:principalorgpaths", [["o-aaaaaaaaaa/*", "o-9999999999/*"]]],
  [
    "aws:userid",
    [
      ["AROAAAAAAAAAAAAAAAAAA:*", "AROA77777777777777777:*"],
      ["AIDAAAAAAAAAAAAAAAAAA", "AIDA77777777777777777"],
      ["000000000000", "999999999999"],
    ],
  ],
  ["aws:sourceip", []],
  ["aws:sourcevpc", []],
  ["aws:sourcevpcarn", [["arn:*:ec2:*:000000000000:*", "arn:*:ec2:*:999999999999:*"]]],
  ["aws:sourcevpce", []],
  ["aws:vpceaccount", []],
  ["aws:vpceorgid", []],
  ["aws:vpceorgpaths", [["o-aaaaaaaaaa/*", "o-9999999999/*"]]],
  [
    "aws:sourcearn",
    [
      ["arn:*:*:*:000000000000:*", "arn:*:*:*:999999999999:*"],
      // Names of buckets are the whole world's.
      ["arn:*:s3:::aaa*", "arn:*:s3:::999*"],
    ],
  ],
  ["aws:sourceaccount", []],
  ["aws:sourceowner", []],
  ["aws:sourceorgid", []],
  ["aws:sourceorgpaths", [["o-aaaaaaaaaa/*", "o-9999999999/*"]]],
  ["kms:calleraccount", []],
  ["sts:externalid", []],
  ["s3:dataaccesspointarn", [["arn:*:s3:*:000000000000:*", "arn:*:s3:*:999999999999:*"]]],
  ["s3:dataaccesspointaccount", []],
]);

/** Those of them that say for whom a service acts. */
export const onBehalfKeys: ReadonlySet<string> = new Set([
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
  "aws:sourceowner",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "kms:calleraccount",
]);

/**
 * The first value that every request which carries the key meets, if there is one: nothing but wildcards, the key's own
 * variable, what all values of the key begin with, all addresses. Values are alternatives, so that one is enough; ranges
 * of addresses are looked at together.
 */
export function emptyLimit({ parsed, folded, texts }: Limit, account?: string): string | undefined {
  const how = comparisonOf(parsed);
  if (how === null) return undefined;
  if (how === "address") return everyAddress(texts) ? texts[0] : undefined;
  const values = samplesOf(folded, account);
  return texts.find((text) => {
    const glob = globOf(text, how, folded, () => false);
    if (/^[*?]+$/.test(glob)) return true;
    return values.length > 0 && values.every((value) => meets(glob, value, how));
  });
}

/** Whether people of any account can meet the condition, or have it met for them. */
export function anybodyMeets(limit: Limit): boolean {
  const { parsed, folded, texts } = limit;
  const rows = strangers.get(folded);
  const how = comparisonOf(parsed);
  if (rows === undefined || how === null || emptyLimit(limit) !== undefined) return true;
  if (how === "address") return broad(texts);
  const all = rows.length > 0 ? rows : [samplesOf(folded)].filter((row) => row.length > 0);
  // What follows from the resource is nothing that a caller chooses.
  const chosen = (variable: string) => !/^(aws|s3):resource(account|org)/.test(variable);
  return texts.some((text) => {
    const glob = globOf(text, how, folded, chosen);
    return all.some((row) => row.every((value) => meets(glob, value, how)));
  });
}

type Comparison = "exact" | "pattern" | "arn" | "address";

/** How an operator that is not negated compares texts. */
function comparisonOf(parsed: ParsedOperator | null): Comparison | null {
  if (!parsed?.operator || parsed.operator.negated) return null;
  if (/^StringEquals/.test(parsed.name)) return "exact";
  if (parsed.name === "StringLike") return "pattern";
  if (/^Arn/.test(parsed.name)) return "arn";
  return parsed.name === "IpAddress" ? "address" : null;
}

function samplesOf(folded: string, account?: string): string[] {
  return samples.find(([key]) => key.test(folded))?.[1](account) ?? [];
}

/** Fits nothing that a sample has. */
const something = "\u0000";

/** A value as a glob: the key's own variable, and what else is open, may stand for anything. */
function globOf(text: string, how: Comparison, folded: string, open: (variable: string) => boolean): string {
  return text
    .split(/(\$\{[^{}]*\})/)
    .map((part) => {
      const variable = /^\$\{\s*([^{},]*?)\s*(?:,[^{}]*)?\}$/.exec(part)?.[1];
      if (variable === undefined) return how === "exact" ? part.replace(/[*?]/g, something) : part;
      const name = foldCase(variable);
      return name === folded || (name.length > 1 && open(name)) ? "*" : something;
    })
    .join("");
}

/** Whether some text fits both; ARNs are compared part by part where both have all of them. */
function meets(glob: string, sample: string, how: Comparison): boolean {
  const [mine, theirs] = [partsOf(glob), partsOf(sample)];
  if (mine !== null && theirs !== null) {
    return mine.every((part, at) => globsOverlap(part, theirs[at] ?? ""));
  }
  // Under an ARN operator what lacks parts is no ARN; nothing is to be relied on there.
  return how === "arn" ? !glob.includes(something) && /^[*?]+$/.test(glob) : globsOverlap(glob, sample);
}

function partsOf(arn: string): string[] | null {
  const parts = arn.split(":");
  if (!arn.startsWith("arn:") || parts.length < 6) return null;
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

/** How many addresses of a family the ranges hold together. */
function extent(texts: readonly string[], bits: 32 | 128): bigint {
  const ranges = texts
    .map(parseCidr)
    .filter((range) => range?.bits === bits)
    .map((range) => {
      const { value, prefix } = range as NonNullable<typeof range>;
      const size = 1n << BigInt(bits - prefix);
      const first = value - (value % size);
      return { first, end: first + size };
    })
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let [total, upTo] = [0n, 0n];
  for (const { first, end } of ranges) {
    const from = first > upTo ? first : upTo;
    if (end > from) total += end - from;
    if (end > upTo) upTo = end;
  }
  return total;
}

/** Whether the ranges together are all addresses of a family. */
function everyAddress(texts: readonly string[]): boolean {
  return extent(texts, 32) === 1n << 32n || extent(texts, 128) === 1n << 128n;
}

/**
 * "Bucket policies that grant access conditioned on the aws:SourceIp condition key with very broad IP ranges … are
 * evaluated as public. This includes values broader than /8 for IPv4 and /32 for IPv6" (Amazon S3 User Guide). So are
 * many narrower ones that make half of all addresses.
 */
function broad(texts: readonly string[]): boolean {
  const wide = texts.map(parseCidr).some((range) => {
    if (range === null) return false;
    // fc00::/7 is nobody's on the internet.
    if (range.bits === 128 && range.value >> 121n === 0xfcn >> 1n) return false;
    return range.prefix < (range.bits === 32 ? 8 : 32);
  });
  return wide || extent(texts, 32) >= 1n << 31n;
}
