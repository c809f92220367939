import type { PolicyDocument } from "./policy-document.ts";

/** What is known of a KMS key, from AWS or from the inventory. */
export interface KeyFacts {
  /** Absent: it was not read. */
  policy?: PolicyDocument;
  /** Why nothing can be done with it, whatever its policy says: "the key arn:… is disabled". */
  unusable?: string;
}

/** An ARN of a KMS key itself. IAM takes no aliases as resources of key actions, and no wildcard may get in here. */
export function isKeyArn(text: string): boolean {
  return /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(text);
}

/** The account in a key's ARN: its policy can be read there alone. */
export function accountOfKey(keyArn: string): string {
  return keyArn.split(":")[4] ?? "";
}
