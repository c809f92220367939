import type { PolicyDocument } from "./policy-document.ts";

/** What is known of a KMS key, from AWS or from the inventory. */
export interface KeyFacts {
  /** Absent: it was not read. */
  policy?: PolicyDocument;
  /** Why nothing can be done with it, whatever its policy says: "the key arn:… is disabled". */
  unusable?: string;
}
