import type { FindingsData } from "#components/findings/finding-data.ts";
import type { PlanStepData } from "#components/plan/plan-data.ts";
import type { PatternOption } from "#lib/desired/options.ts";
import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { RequirementStatus } from "#lib/model/approvals.ts";
import type { InventoryItem } from "#lib/model/estate.ts";
import type { PresetLevel } from "#lib/model/grant.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import type { Risk } from "#lib/model/risk.ts";
import type { ClusterRef } from "#lib/model/workload.ts";

/**
 * What the form is given and shows, as plain data. The shapes are those of lib/db/queries/views.ts, which components
 * may not import; the pages hand the query's results in, so a difference between the two does not compile.
 */

export interface ClusterOption extends ClusterRef {
  accountName: string;
  environment: string;
  /** False while EKS has not told its issuer. */
  ready: boolean;
  podIdentityAgent: boolean;
  namespaces: { name: string; ownerGroup: string | null }[];
}

interface AccountOption {
  id: string;
  name: string;
  environment: string;
  partition: string;
  ownerGroup: string;
}

export interface TargetOption
  extends Pick<InventoryItem, "arn" | "accountId" | "service" | "name" | "region"> {
  accountName: string;
  noun: string;
  classification: string | null;
}

export interface ServiceOption {
  id: string;
  name: string;
  noun: string;
  exampleArn: string;
  levels: Record<PresetLevel, string>;
  subResource: { label: string; hint: string } | null;
}

export interface FormOptions {
  clusters: ClusterOption[];
  accounts: AccountOption[];
  targets: TargetOption[];
  /** The inventory holds more targets than these: they are searched on the server. */
  moreTargets: boolean;
  services: ServiceOption[];
  maxDays: number;
}

export interface PreviewStep extends PlanStepData {
  accountId: string;
}

export interface PreviewPlan {
  accounts: { accountId: string; name: string; steps: PreviewStep[] }[];
  changes: number;
  conflicts: number;
}

export interface PreviewApproval extends RequirementStatus {
  candidates: { id: string; name: string }[];
}

export interface PreviewTarget {
  options: PatternOption[];
  recommended: string | null;
  /** The pattern that the grant would have; null while none fits. */
  pattern: string | null;
  /** As in `proof`; null while there is no grant. */
  grantId: string | null;
  target: { noun: string; name: string; service: string; accountName: string; levelMeans: string } | null;
  hops: Hop[];
}

/** The answer to one state of the form. */
export interface PreviewData {
  refusals: Refusal[];
  /** In the order of the form's targets; null for those that are not chosen yet. */
  targets: (PreviewTarget | null)[];
  plan: PreviewPlan | null;
  /** In the order of the grants. */
  proof: { grantId: string; rows: ProvenRow[] }[];
  /** Of the documents; null when there is no plan. */
  findings: FindingsData | null;
  risk: Risk | null;
  approvals: PreviewApproval[];
  /** The Kubernetes manifest to come. */
  yaml: string | null;
  /** When the oldest snapshot it rests on was read. */
  snapshotAt: string | null;
  computedAt: string;
  /** What stands in for fields that are still empty. */
  placeholders: string[];
}

/** A refusal without its code: all that is shown. */
export interface Problem {
  field: string;
  reason: string;
  nextStep: string;
  link?: Refusal["link"];
}

export type PreviewResult = { ok: true; value: PreviewData } | { ok: false; problem: Problem };

/** Null is never returned when it worked: the action redirects to the request. */
export type SubmitResult = { ok: false; problems: Problem[] };
