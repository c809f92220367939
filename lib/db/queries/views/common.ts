import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";

/**
 * What pages are made of: plain data that can be sent to a browser as it is. Times are RFC 3339 in UTC. Everything
 * here has already passed the visibility of the actor it was read for.
 */

export interface Page<T> {
  items: T[];
  /** Pass it as `after` to read on; null at the end. */
  next: string | null;
}

export interface PersonView {
  id: string;
  name: string;
  email: string;
}

/** Something that may be left in AWS of an access whose revocation was given up. */
export interface LeftView {
  accountId: string;
  accountName: string;
  /** Its ARN, where AWS has one. */
  key: string;
  title: string;
}

/** A target and what may be done with it, in the words of its service. */
export interface TargetView {
  grantId: string;
  arn: string;
  accountId: string;
  /** The account's name, or its id when it is no longer registered. */
  accountName: string;
  /** Key of the service catalogue. */
  service: string;
  /** "bucket" */
  noun: string;
  name: string;
  level: AccessLevel;
  /** What the level `custom` consists of. */
  custom?: CustomPermissions;
  /** "List and download objects" */
  levelMeans: string;
  subResource: string | null;
  pattern: string;
  patternTitle: string;
  expiresAt: string | null;
}
