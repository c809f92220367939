import { createHash, randomBytes, randomUUID } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function randomText(length: number): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/**
 * AWS's unique ids: a four-letter prefix says what is identified. Source: IAM User Guide, "IAM identifiers".
 */
export const prefixes = {
  role: "AROA",
  user: "AIDA",
  managedPolicy: "ANPA",
  instanceProfile: "AIPA",
  temporaryKey: "ASIA",
} as const;

export function uniqueId(kind: keyof typeof prefixes): string {
  return prefixes[kind] + randomText(kind === "temporaryKey" ? 16 : 17);
}

export function secretAccessKey(): string {
  return randomBytes(30).toString("base64");
}

export function sessionToken(): string {
  return `IQoJb3JpZ2luX2Vj${randomBytes(96).toString("base64url")}`;
}

export function requestId(): string {
  return randomUUID();
}

export function associationId(): string {
  return `a-${randomText(17).toLowerCase()}`;
}

/** The 32 hex digits in a cluster's issuer: made from its identity, so that a seed always gives the same. */
export function oidcId(accountId: string, region: string, name: string): string {
  return createHash("sha256")
    .update(`${accountId}/${region}/${name}`)
    .digest("hex")
    .slice(0, 32)
    .toUpperCase();
}

/** MD5 in hex: S3's ETag of an object in one part, and SQS's digest of a message. */
export function md5Hex(bytes: Buffer | string): string {
  return createHash("md5").update(bytes).digest("hex");
}
