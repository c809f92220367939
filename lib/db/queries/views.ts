import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import type { RequirementStatus } from "#lib/model/approvals.ts";
import type { AuditEventType } from "#lib/model/audit-event.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { DriftFinding, DriftVerdict } from "#lib/model/drift.ts";
import type { InventoryItem } from "#lib/model/estate.ts";
import type { AccessLevel, Grant, PresetLevel } from "#lib/model/grant.ts";
import type { GrantChangeWord, RequestKind } from "#lib/model/grant-change.ts";
import type { PodReport } from "#lib/model/pod-report.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import type { Risk, RiskLevel } from "#lib/model/risk.ts";
import type { Failure, PreflightFinding, RunKind } from "#lib/model/run.ts";
import type { GrantState, RequestState, RunState, StepState } from "#lib/model/states.ts";
import type { ClusterRef, Workload } from "#lib/model/workload.ts";
import type { FindingOrigin } from "#lib/plan/findings.ts";
import type { Verb } from "#lib/plan/plan.ts";
import type { Severity } from "#lib/policy/findings/finding.ts";

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

/** A document that a step writes, as formatted JSON. Null: there is none. */
export interface DocumentView {
  title: string;
  before: string | null;
  after: string | null;
  /** How many statements of others are left out here because the actor may not see them. They stay unchanged. */
  hiddenStatements: number;
  /** One sentence for each statement of ours in `after`. */
  sentences: string[];
  /** Of a policy: the statements of `after` that are shown here, each with its lines and in words. */
  statements: StatementView[];
}

/** A statement in the text of a document. */
export interface StatementView {
  /** From 0, in the text that is shown. */
  index: number;
  sid: string | null;
  /** Lines of the text from 1, both inclusive. */
  from: number;
  to: number;
  sentence: string;
  /** Written by others, or for other access. */
  foreign: boolean;
}

/** Something wrong, or worth knowing, with all that a reader needs to act on it. */
export interface FindingView {
  /** Unique in its list. */
  key: string;
  /** A row of the catalogue; null: only the live check knows it. */
  id: string | null;
  /** A check of a document, or the worker's look at AWS. */
  source: "document" | "live";
  severity: Severity;
  title: string;
  detail: string;
  why: string;
  mend: string;
  reference: string | null;
  origin: FindingOrigin;
  accountId: string;
  accountName: string;
  /** Where in the plan it is; null: nowhere, or nowhere that this reader sees. */
  place: {
    stepKey: string;
    /** What the step makes. */
    resource: string;
    document: string | null;
    statement: string | null;
    lines: { from: number; to: number } | null;
  } | null;
}

export interface FindingsView {
  /** How many documents were checked. */
  documents: number;
  /** Against how many rules. */
  rules: number;
  /** Worst first. */
  items: FindingView[];
}

export interface StepView {
  key: string;
  kind: string;
  verb: Verb;
  accountId: string;
  region: string;
  title: string;
  /** Why it is `use` or `conflict`. */
  reason: string | null;
  differences: string[];
  dependsOn: string[];
  documents: DocumentView[];
}

export interface PlanView {
  accounts: { accountId: string; name: string; steps: StepView[] }[];
  changes: number;
  conflicts: number;
  /** When the oldest of the snapshots it rests on was read; null: an account was never read. */
  snapshotAt: string | null;
}

/** Who could reach a grant's target by what is planned, beside who can today. */
export interface ProofView {
  grantId: string;
  rows: ProvenRow[];
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

export interface HistoryEntry {
  /** Decimal text: the rows' numbers don't fit a double for ever. */
  id: string;
  at: string;
  type: AuditEventType;
  actor: { id: string | null; name: string };
  requestId: string | null;
  requestNumber: number | null;
  grantId: string | null;
  runId: string | null;
  accountIds: string[];
  correlationId: string;
  data: Record<string, unknown>;
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

export interface RunRow {
  id: string;
  kind: RunKind;
  /** What a provisioning run does to a live grant; null: its grants are new. */
  change: GrantChangeWord | null;
  state: RunState;
  requestNumber: number | null;
  grantIds: string[];
  requestedBy: PersonView | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  steps: { total: number; succeeded: number; failed: number };
  error: Failure | null;
}

export interface CallView {
  id: string;
  at: string;
  service: string;
  operation: string;
  requestId: string | null;
  httpStatus: number | null;
  attempts: number;
  durationMs: number;
  errorName: string | null;
}

export interface RunStepView {
  id: string;
  position: number;
  key: string;
  kind: string;
  title: string;
  accountId: string;
  accountName: string;
  region: string;
  verb: string;
  state: StepState;
  dependsOn: string[];
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  outcome: string | null;
  detail: string | null;
  error: Failure | null;
  calls: CallView[];
}

export interface RunView extends Omit<RunRow, "steps"> {
  steps: RunStepView[];
  workload: Workload | null;
  retry: Refusal | null;
  rollBack: Refusal | null;
}

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

export interface GrantView extends GrantRow {
  /** As approved, to fill the form when it is changed. */
  spec: Grant;
  change: GrantChangeView | null;
  /** The renewal or change that is asked for and not decided. */
  openChange: { number: number; kind: RequestKind } | null;
  revokeReason: string | null;
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
  may: {
    revoke: Refusal | null;
    change: Refusal | null;
    rollBack: Refusal | null;
    repair: Refusal | null;
    issueManifest: Refusal | null;
  };
}

export interface WaitingView {
  /** Requests that lack this actor's vote; up to 200. */
  awaitingMe: RequestRow[];
  /** How many grants failed, drifted, or were reported as not working. */
  attention: number;
}

export interface HomeView {
  awaitingMe: RequestRow[];
  mine: RequestRow[];
  expiring: GrantRow[];
  /** Failed, drifted, or reported as not working. */
  attention: GrantRow[];
  counts: { awaitingMe: number; openMine: number; active: number; attention: number; expiring: number };
}

export interface AccountView {
  id: string;
  name: string;
  partition: string;
  environment: string;
  ownerGroup: string;
  owners: PersonView[];
  regions: string[];
  provisionerRoleArn: string;
  /** For admins only. */
  externalId: string | null;
  boundaryArn: string;
  registeredAt: string;
  syncedAt: string | null;
  syncRequestedAt: string | null;
  syncErrors: { section: string; subject: string; cause: string; nextStep: string }[];
  clusters: number;
  targets: number;
  liveGrants: number;
}

export interface ClusterView extends ClusterRef {
  accountName: string;
  issuer: string | null;
  status: string;
  podIdentityAgent: boolean;
  registeredAt: string;
  seenAt: string | null;
  namespaceOwners: { namespace: string; group: string }[];
  liveGrants: number;
}

export type TargetSuggestion = Pick<InventoryItem, "arn" | "accountId" | "service" | "name" | "region"> & {
  accountName: string;
  noun: string;
  /** What a tag says about its data: a word of lib/model/classification.ts. */
  classification: string | null;
};

export interface FormOptions {
  clusters: (ClusterRef & {
    accountName: string;
    environment: string;
    /** False while EKS has not told its issuer. */
    ready: boolean;
    podIdentityAgent: boolean;
    /** Namespaces with an owner or with grants that the actor may see. */
    namespaces: { name: string; ownerGroup: string | null }[];
  })[];
  accounts: { id: string; name: string; environment: string; partition: string; ownerGroup: string }[];
  /** The first of the inventory; `searchTargets` finds the others. */
  targets: TargetSuggestion[];
  moreTargets: boolean;
  services: {
    id: string;
    name: string;
    noun: string;
    exampleArn: string;
    levels: Record<PresetLevel, string>;
    subResource: { label: string; hint: string } | null;
  }[];
  /** The longest that access may last, in days. */
  maxDays: number;
}
