import type { Arn } from "#lib/model/arn.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel, PresetLevel } from "#lib/model/grant.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import type { ConditionKey } from "./condition-keys.ts";
import type { CustomAction } from "./custom-actions.ts";

/** What a statement needs to know of the target it opens. */
export interface TargetScope {
  arn: Arn;
  /** The text of `arn`. */
  arnText: string;
  level: AccessLevel;
  /** What the level `custom` consists of. */
  custom?: CustomPermissions | undefined;
  subResource: string | null;
}

/** A statement without a Sid, a principal or an end date: the compiler adds these. */
export type AccessStatement = Required<Pick<Statement, "Action" | "Resource">> & Pick<Statement, "Condition">;

/** One thing a pod tries, to prove that its access works. */
export interface AccessCheck {
  operation: string;
  /** ARN, for objects with the key. */
  resource: string;
}

/** A request that an access must not allow. */
export interface BeyondRequest {
  action: string;
  /** an ARN without wildcards, or `*` for actions that take no resource */
  resource: string;
  context?: Record<string, string>;
  /** what it is called beside a request of the same action that is allowed; default: the action */
  label?: string;
}

/**
 * One AWS service that a grant can target. Adding a service is one of these and, if it has a resource policy,
 * an adapter in lib/aws that reads and writes it.
 */
export interface TargetService {
  /** The service part of its ARNs. */
  id: string;
  name: string;
  /** What a target is called: "bucket". */
  noun: string;
  /** An ARN to show where one is asked for. */
  exampleArn: string;
  /** Why the ARN is not a target of this service, and what to write instead; undefined when it is one. */
  objection(arn: Arn): { reason: string; nextStep: string } | undefined;
  /** The short name in an ARN: the bucket's, the queue's. */
  shortName(arn: Arn): string;
  subResource?: {
    label: string;
    hint: string;
    objection(value: string): string | undefined;
  };
  /** What each level lets a pod do, in words. */
  levels: Record<PresetLevel, string>;
  /** What custom access may list; the permissions boundary allows all of it. */
  actions: readonly CustomAction[];
  /** What its conditions may be about. */
  conditionKeys: readonly ConditionKey[];
  /** The actions on the target, for the identity side; also for the resource side where it has one. */
  statements(scope: TargetScope): AccessStatement[];
  /** Present when the service has a resource policy that grants across accounts. Source: domain reference §1 (d). */
  resourcePolicy?: { maxBytes: number; maxStatements?: number };
  /** The statements on a customer managed key that encrypts the target. */
  keyStatements(scope: TargetScope, region: string, keyArn: string): AccessStatement[];
  /** Near what the level gives and no part of it: what a proof asks about and must find refused. */
  beyond(scope: TargetScope): BeyondRequest[];
  /** What the service does with the caller's permissions on the key of an encrypted target, to carry out an action. */
  keyActions(action: string): string[];
  /**
   * The encryption context that it gives KMS with them: of each key the values, one of which it has.
   *
   * @param resource what the action is on: the target, or something in it
   */
  encryptionContext(targetArn: string, resource: string): Record<string, readonly string[]>;
  /** What a pod with this access tries; empty: nothing of it can be tried without touching what is there. */
  checks(scope: TargetScope): AccessCheck[];
}

/**
 * `kms:ViaService` of a service in a Region. AWS's documentation of the China Regions is not consistent about their
 * suffix, so both forms are named there: neither can be anything but the service itself.
 */
export function viaService(service: string, region: string, partition: string): string | string[] {
  const name = `${service}.${region}.amazonaws.com`;
  return partition === "aws-cn" ? [name, `${name}.cn`] : name;
}

export function reads(level: PresetLevel): boolean {
  return level !== "write";
}

export function writes(level: PresetLevel): boolean {
  return level !== "read";
}
