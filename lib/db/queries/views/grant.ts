import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import type { DriftFinding, DriftVerdict } from "#lib/model/drift.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { GrantChangeWord, RequestKind } from "#lib/model/grant-change.ts";
import type { GrantTrouble } from "#lib/model/grant-trouble.ts";
import type { PodReport } from "#lib/model/pod-report.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import type { Failure } from "#lib/model/run.ts";
import type { GrantState, RunState } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { LeftView, PersonView, TargetView } from "./common.ts";
import type { HistoryEntry } from "./history.ts";
import type { FindingsView, PlanView } from "./plan.ts";
import type { RunRow } from "./run.ts";

/** Lists of access, and one grant. */

export interface GrantRow {
  id: string;
  state: GrantState;
  requestNumber: number;
  workload: Workload;
  target: TargetView;
  owner: PersonView;
  createdAt: string;
  activatedAt: string | null;
  revokedAt: string | null;
  expiresAt: string | null;
  lastVerified: { at: string; ok: boolean; source: string } | null;
  /** What is in AWS is no longer what was approved, as last read back. */
  drifted: boolean;
  /** The gravest that the last looks have found, while it is active. */
  trouble: GrantTrouble | null;
  /** Of the run that leads it to another form, while it has not succeeded; null: it has the form that is approved. */
  changeState: RunState | null;
}

export interface VerificationView {
  id: string;
  source: string;
  ok: boolean;
  at: string;
  /** For reports from inside a pod. */
  report: PodReport | null;
  /** For documents: who gets in, by the policies as they are in AWS; empty where nothing was evaluated. */
  evaluated: ProvenRow[];
}

/** How an access compares with AWS. */
export interface DriftView {
  /** When it was last compared; null: not yet. */
  checkedAt: string | null;
  /** Null: it is as approved. */
  verdict: DriftVerdict | null;
  findings: DriftFinding[];
  /** What a repair would do, as it was seen then; null: nothing. */
  plan: PlanView | null;
  /** Of a repair that is under way. */
  repairRunId: string | null;
}

/** The change of a live grant that has not come to its end. */
export interface GrantChangeView {
  runId: string;
  state: RunState;
  change: GrantChangeWord;
  requestNumber: number | null;
  error: Failure | null;
}

/** What a revocation would do: of each account what goes, and what of the access stays and why. */
export interface IfRevokedView {
  goes: { accountName: string; what: string[] }[];
  stays: { what: string; why: string }[];
}

export interface GrantView extends GrantRow {
  /** As approved, to fill the form when it is changed. */
  spec: Grant;
  change: GrantChangeView | null;
  /** The renewal or change that is asked for and not decided. */
  openChange: { number: number; kind: RequestKind } | null;
  revokeReason: string | null;
  /** Its revocation was given up, and nothing has been done about it since. */
  givenUp: { at: string; reason: string; left: LeftView[] } | null;
  /** How the workload's pods get their credentials, with all its live grants; null when it can't be computed. */
  access: WorkloadAccess | null;
  hops: Hop[];
  verifications: VerificationView[];
  runs: RunRow[];
  /** In the documents as they were last read, with the plan that shows them; null: none has been read. */
  asRead: { plan: PlanView; findings: FindingsView } | null;
  /** Other grants of the workload that the actor may see. */
  siblings: GrantRow[];
  history: HistoryEntry[];
  /** Null while it is not active. */
  drift: DriftView | null;
  /** Null where the actor can't revoke it, or it can't be said. */
  ifRevoked: IfRevokedView | null;
  may: {
    revoke: Refusal | null;
    change: Refusal | null;
    rollBack: Refusal | null;
    repair: Refusal | null;
    issueManifest: Refusal | null;
  };
}
