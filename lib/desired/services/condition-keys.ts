import { emptyLimit } from "#lib/policy/findings/limits.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { isPrivateRange, parseCidr } from "#lib/policy/ip.ts";
import { parseOperator } from "#lib/policy/operators.ts";

type KeyType = "text" | "address" | "truth" | "number";

/** A condition key that custom access may name. */
export interface ConditionKey {
  /** As AWS spells it; one that ends with `/` is followed by the name of a tag. */
  key: string;
  type: KeyType;
  about: string;
  /** A value as people write it. */
  example: string;
  /** The actions whose requests carry it; absent: all do. */
  actions?: readonly string[];
  /** The values there are; absent: any. */
  values?: readonly string[];
  /** The operators that make sense, if not all of the type. */
  operators?: readonly string[];
  /** Of a number: from here on it limits nothing. */
  below?: number;
  /** It says something only beside one of these. */
  with?: readonly string[];
}

/**
 * The operators there are, by the type of the key. All of them are false when the request does not carry the key, so
 * that each condition can only narrow, and by what it says. Left out, because they hold when the key is absent or hold
 * for anything that is not listed: `…IfExists`, negated operators, `ForAllValues:`; `Null` and `ForAnyValue:` because no
 * key here needs them.
 *
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
 */
export const operatorsOf: Record<KeyType, readonly string[]> = {
  text: ["StringEquals", "StringLike"],
  address: ["IpAddress"],
  truth: ["Bool"],
  number: ["NumericLessThanEquals", "NumericGreaterThanEquals", "NumericEquals"],
};

/**
 * Keys of every service. Not among them: `aws:CurrentTime` and `aws:ResourceAccount`, which are ours; `aws:PrincipalTag/…`,
 * which depends on how the pod gets its credentials; `aws:UserAgent` and `aws:Referer`, which any caller can choose.
 *
 * Source: IAM User Guide, "AWS global condition context keys".
 */
const everywhere: ConditionKey[] = [
  {
    key: "aws:SourceIp",
    type: "address",
    about: "The caller's public address; absent in requests through a VPC endpoint",
    example: "203.0.113.0/24",
  },
  {
    key: "aws:VpcSourceIp",
    type: "address",
    about: "The caller's private address; only in requests through a VPC endpoint",
    example: "10.20.0.0/16",
    // Every VPC has the same private addresses.
    with: ["aws:SourceVpc", "aws:SourceVpce"],
  },
  {
    key: "aws:SourceVpc",
    type: "text",
    about: "The VPC that the request comes from, through an endpoint",
    example: "vpc-0a1b2c3d",
    // "There are no valid use cases for wildcards" in ids (IAM User Guide, "AWS global condition context keys").
    operators: ["StringEquals"],
  },
  {
    key: "aws:SourceVpce",
    type: "text",
    about: "The VPC endpoint that the request comes through",
    example: "vpce-0a1b2c3d",
    operators: ["StringEquals"],
  },
  {
    key: "aws:SecureTransport",
    type: "truth",
    about: "Whether the request is encrypted in transit",
    example: "true",
    values: ["true"],
  },
  {
    key: "aws:RequestedRegion",
    type: "text",
    about: "The Region whose endpoint is called",
    example: "eu-west-1",
  },
];

const listing = ["s3:ListBucket", "s3:ListBucketVersions"];

/** Actions by key: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3". */
const ofS3: ConditionKey[] = [
  {
    key: "s3:prefix",
    type: "text",
    about: "What the listed keys begin with",
    example: "exports/*",
    actions: listing,
  },
  {
    key: "s3:max-keys",
    type: "number",
    about: "How many keys are listed at a time",
    example: "100",
    actions: listing,
    operators: ["NumericLessThanEquals"],
    // "Amazon S3 returns up to 1,000 key names" (API Reference, ListObjectsV2).
    below: 1_000,
  },
  {
    key: "s3:ExistingObjectTag/",
    type: "text",
    about: "A tag that the object has",
    example: "public",
    actions: [
      "s3:GetObject",
      "s3:GetObjectVersion",
      "s3:GetObjectAttributes",
      "s3:GetObjectVersionAttributes",
      "s3:GetObjectTagging",
      "s3:GetObjectVersionTagging",
    ],
  },
  {
    key: "s3:RequestObjectTag/",
    type: "text",
    about: "A tag that the request gives the object",
    example: "temporary",
    actions: ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"],
  },
  {
    key: "s3:x-amz-server-side-encryption",
    type: "text",
    about: "The encryption that the upload asks for",
    example: "aws:kms",
    actions: ["s3:PutObject"],
    values: ["AES256", "aws:kms", "aws:kms:dsse"],
    operators: ["StringEquals"],
  },
  {
    key: "s3:x-amz-storage-class",
    type: "text",
    about: "The storage class that the upload asks for",
    example: "STANDARD_IA",
    actions: ["s3:PutObject"],
    operators: ["StringEquals"],
  },
  {
    key: "s3:TlsVersion",
    type: "number",
    about: "The TLS version that the client uses",
    example: "1.2",
    // Less is no limit: "TLS 1.2 is the minimum for all AWS API endpoints" (AWS Security Blog, 2024).
    values: ["1.2", "1.3"],
    operators: ["NumericGreaterThanEquals"],
  },
];

export const s3ConditionKeys: ConditionKey[] = [...everywhere, ...ofS3];
export const sqsConditionKeys: ConditionKey[] = everywhere;

/** Tag keys as S3 allows them: letters, digits and `+ - = . _ : / @`, at most 128. */
const tagName = /^[A-Za-z0-9+\-=._:/@]{1,128}$/;

/** The table's entry for a key as written; undefined: it is none of them, or has another spelling. */
export function findKey(keys: readonly ConditionKey[], written: string): ConditionKey | undefined {
  return keys.find(({ key }) =>
    key.endsWith("/") ? written.startsWith(key) && tagName.test(written.slice(key.length)) : written === key,
  );
}

export function operatorsFor({ type, operators }: ConditionKey): readonly string[] {
  return operators ?? operatorsOf[type];
}

/** Why values can't stand together though each of them could; undefined when they can. */
export function valuesProblem(key: string, operator: string, values: readonly string[]): string | undefined {
  const empty = emptyLimit({ parsed: parseOperator(operator), folded: foldCase(key), texts: values });
  if (empty === undefined) return undefined;
  return values.length > 1
    ? "The values together fit everything, so they limit nothing."
    : `"${empty}" fits everything, so it limits nothing.`;
}

/** Why a value can't stand under this key and operator; undefined when it can. */
export function valueProblem(key: ConditionKey, operator: string, value: string): string | undefined {
  if (value === "") return "A value is empty.";
  // Variables are replaced when the request is made, so nobody could say beforehand what is approved.
  if (value.includes("${")) return "Policy variables are not allowed.";
  if (!/^[\x20-\x7E]*$/.test(value) || /["\\]/.test(value))
    return "Values have printable ASCII characters, without quotes and backslashes.";
  if (key.values && !key.values.includes(value)) return `It can be ${key.values.join(", ")}.`;
  const problems: Record<KeyType, () => string | undefined> = {
    text: () => textProblem(operator, value),
    address: () => addressProblem(key, value),
    truth: () => undefined,
    number: () => numberProblem(key, value),
  };
  return problems[key.type]();
}

function textProblem(operator: string, value: string): string | undefined {
  const wild = /[*?]/.test(value);
  if (operator !== "StringLike")
    return wild ? `"${value}" has a wildcard, which only StringLike reads as one.` : undefined;
  return /^[*?]*$/.test(value) ? `"${value}" fits everything, so it limits nothing.` : undefined;
}

function numberProblem({ below }: ConditionKey, value: string): string | undefined {
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(value)) return `"${value}" is not a number.`;
  return below !== undefined && Number(value) >= below
    ? `From ${below} on it limits nothing: there are never more.`
    : undefined;
}

function addressProblem({ key }: ConditionKey, value: string): string | undefined {
  if (parseCidr(value) === null) return `"${value}" is no address range. Write it like 203.0.113.0/24.`;
  // "The aws:SourceIp condition key works only for public IP address ranges" (IAM User Guide, global condition keys).
  if (key === "aws:SourceIp" && isPrivateRange(value))
    return `"${value}" is private, and no request reaches AWS from there by aws:SourceIp: name the public address of the NAT gateway, or limit the VPC with aws:SourceVpc.`;
  return value.endsWith("/0") ? `"${value}" is every address, so it limits nothing.` : undefined;
}
