/**
 * IAM policy documents as AWS stores them. The types are deliberately loose where IAM is: a value may be
 * a string or an array, and a foreign document keeps whichever form its author chose.
 *
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language".
 */
export type OneOrMany<T> = T | T[];

/** `Principal`: `"*"`, or a map from kind to one or more identifiers. */
export type Principal =
  | "*"
  | {
      AWS?: OneOrMany<string>;
      Service?: OneOrMany<string>;
      Federated?: OneOrMany<string>;
      CanonicalUser?: OneOrMany<string>;
    };

export type ConditionValue = OneOrMany<string | number | boolean>;

/** operator → condition key → value(s), e.g. `{ StringEquals: { "aws:RequestTag/team": "pay" } }`. */
export type ConditionBlock = Record<string, Record<string, ConditionValue>>;

export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: Principal;
  NotPrincipal?: Principal;
  Action?: OneOrMany<string>;
  NotAction?: OneOrMany<string>;
  Resource?: OneOrMany<string>;
  NotResource?: OneOrMany<string>;
  Condition?: ConditionBlock;
}

export interface PolicyDocument {
  Version?: "2012-10-17" | "2008-10-17";
  Id?: string;
  Statement: OneOrMany<Statement>;
}

/** The statements of a document as a list, whichever form it has. */
export function statementsOf(document: PolicyDocument): Statement[] {
  return Array.isArray(document.Statement) ? document.Statement : [document.Statement];
}

/** A value that IAM allows as string or array, as an array. */
export function listOf<T>(value: OneOrMany<T> | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** Statements of ours as a document, to be compared with others. */
export function documentOf(Statement: Statement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement };
}
