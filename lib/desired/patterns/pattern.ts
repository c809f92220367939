import type { Account } from "#lib/model/account.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Cluster } from "#lib/model/cluster.ts";
import type { Estate, InventoryItem } from "#lib/model/estate.ts";
import type { Grant, IdentitySpec } from "#lib/model/grant.ts";
import type { WorkloadContext } from "../context.ts";
import type { TargetService } from "../services/service.ts";

/** What a pattern is judged by: where the workload runs, where the target is, and what is known of it. */
export interface PatternSubject {
  cluster: Cluster;
  /** The cluster's account. */
  home: Account;
  /** The target's account. */
  away: Account;
  sameAccount: boolean;
  service: TargetService;
  targetArn: string;
  target: InventoryItem | undefined;
  estate: Estate;
  /** It is about a grant that has this pattern already: what it needs is there, and only changes. */
  granted?: boolean;
}

/** Why a pattern can't serve a subject, and the way out. */
export interface Objection {
  code: string;
  reason: string;
  nextStep: string;
}

/** A reason for or against a pattern, as data. */
export interface Fact {
  label: string;
  value: string;
  tone: "good" | "neutral" | "bad";
}

/** One hop of the way from the pod to the resource, for the picture. */
export interface Hop {
  icon: "pod" | "role" | "provider" | "resource" | "agent";
  title: string;
  subtitle: string;
  accountId: string;
  /** How the next hop is reached: "AssumeRoleWithWebIdentity". */
  via: string | null;
}

/** One way to give a workload access. Adding a pattern is one of these in the table; nothing else names it. */
export interface AccessPattern {
  id: string;
  title: string;
  /** One line: what it makes and where. */
  summary: string;
  /** The identity that a workload without one would get, in order of preference. Empty: it can't serve the subject. */
  identities(subject: PatternSubject): Omit<IdentitySpec, "defaultAccountId">[];
  /** Whether a grant's first use makes the chained role the pod's default profile. */
  defaultsToTarget?: boolean;
  /** Why it can't serve the subject, whatever the identity. */
  objections(subject: PatternSubject): Objection[];
  facts(subject: PatternSubject): Fact[];
  /** What a grant adds to the identity's own resources. */
  attach(grant: Grant, context: WorkloadContext): CloudResource[];
  /** The profile in the pod's AWS config that the grant needs; null: the default credentials. */
  profile(grant: Grant, context: WorkloadContext): PodProfile | null;
}

/** A named profile in the pod's AWS config. */
export interface PodProfile {
  name: string;
  accountId: string;
  roleArn: string;
  externalId: string;
}
