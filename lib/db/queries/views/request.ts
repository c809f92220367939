import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import type { RequirementStatus } from "#lib/model/approvals.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { RequestKind } from "#lib/model/grant-change.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import type { Risk, RiskLevel } from "#lib/model/risk.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import type { RequestState } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { PersonView, TargetView } from "./common.ts";
import type { GrantRow } from "./grant.ts";
import type { HistoryEntry } from "./history.ts";
import type { FindingsView, PlanView, ProofView } from "./plan.ts";
import type { RunRow } from "./run.ts";

/** Lists of requests, and a request. */

export interface RequestRow {
  id: string;
  number: number;
  title: string;
  state: RequestState;
  requester: PersonView;
  workload: Workload;
  accountIds: string[];
  createdAt: string;
  decidedAt: string | null;
  version: number;
  risk: RiskLevel;
  approvals: { satisfied: number; required: number };
  /** This actor's vote is missing and would count. */
  awaitsMe: boolean;
}

export interface ApprovalView extends RequirementStatus {
  approvedBy: PersonView | null;
  /** Who can, at most five. */
  candidates: PersonView[];
}

export interface VersionView {
  number: number;
  author: PersonView;
  reason: string;
  digest: string;
  createdAt: string;
  targets: TargetView[];
}

export interface ReviewView {
  id: string;
  version: number;
  person: PersonView;
  decision: "approve" | "request_changes" | "reject";
  comment: string;
  at: string;
}

export interface PreflightView {
  state: string;
  finishedAt: string | null;
  findings: PreflightFinding[];
}

export type TimelineEntry =
  | { kind: "event"; at: string; event: HistoryEntry }
  | { kind: "comment"; at: string; id: string; person: PersonView; body: string };

/** What the actor may do with a request now; a refusal says why not. */
export interface RequestPermissions {
  /** Ids of the requirements that their approval would satisfy; empty: they can't review. */
  satisfies: string[];
  approve: Refusal | null;
  /** What an approval has to name in writing, because of the risk; null: nothing. */
  confirmation: string | null;
  requestChanges: Refusal | null;
  reject: Refusal | null;
  comment: Refusal | null;
  withdraw: Refusal | null;
  revise: Refusal | null;
}

export interface RequestView {
  id: string;
  number: number;
  title: string;
  kind: string;
  state: RequestState;
  requester: PersonView;
  workload: Workload;
  createdAt: string;
  decidedAt: string | null;
  /** The current one. */
  version: VersionView;
  versions: VersionView[];
  /** The proposals of the current version, to fill the form when it is revised. */
  grants: Grant[];
  /** Null when it can't be computed any more; `planProblem` says why. */
  plan: PlanView | null;
  planProblem: string | null;
  /** In the order of the grants; empty when there is no plan. */
  proof: ProofView[];
  /** Plan, proof and findings are as they stood when it was approved. */
  kept: boolean;
  /** Of the documents and of the live check. */
  findings: FindingsView;
  /** Of the current version. */
  risk: Risk;
  access: WorkloadAccess | null;
  hops: Hop[][];
  /** The digest over today's desired state; approving needs it to be the version's. */
  digestNow: string | null;
  approvals: ApprovalView[];
  preflight: PreflightView;
  reviews: ReviewView[];
  timeline: TimelineEntry[];
  may: RequestPermissions;
  runs: RunRow[];
  /** The grants that it made or changed, once approved. */
  granted: GrantRow[];
  /** Of a request about a live grant: what differs. Null: it asks for new grants. */
  change: { grantId: string; kind: RequestKind; before: TargetView; after: TargetView } | null;
}
