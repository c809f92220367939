import type { GrantChangeWord } from "./grant-change.ts";
import type { RiskLevel } from "./risk.ts";

/**
 * Everything that history records, as one typed union: what happened → what is kept of it. A row is written in the
 * transaction of what it records. Secrets and other teams' policies never go in here.
 */
export interface AuditEvents {
  "person.signed-in": { provider: string };
  "person.signed-out": Record<string, never>;
  "request.submitted": { number: number; version: number; digest: string; title: string };
  "request.revised": { number: number; version: number; digest: string };
  "request.commented": { number: number };
  "request.reviewed": {
    number: number;
    version: number;
    digest: string;
    decision: "approve" | "request_changes" | "reject";
    comment: string;
    /** Ids of the requirements that it satisfied. */
    requirements: string[];
    risk: RiskLevel;
    /** The account that an approval at high risk named. */
    confirmed?: string;
  };
  "request.approved": { number: number; version: number; digest: string };
  "request.changes-requested": { number: number; version: number };
  "request.rejected": { number: number; version: number };
  "request.withdrawn": { number: number };
  "request.lapsed": { number: number };
  "preflight.finished": { number: number; version: number; errors: number; warnings: number };
  "grant.provisioning": { target: string };
  "grant.active": { target: string };
  "grant.failed": { target: string; cause: string };
  /** A live grant is on its way from one approved form to another. */
  "grant.changing": { target: string; change: GrantChangeWord };
  "grant.changed": { target: string; change: GrantChangeWord };
  "grant.change-failed": { target: string; change: GrantChangeWord; cause: string };
  "grant.revoking": { target: string; reason: string };
  "grant.revoked": { target: string };
  /** `left`: the keys of what may be left in AWS; `confirmed`: the accounts that were typed. */
  "grant.given-up": { target: string; reason: string; left: string[]; confirmed: string };
  "grant.verified": { source: string; ok: boolean };
  "grant.drifted": { target: string; findings: string[] };
  "grant.statements-dead": { target: string };
  "grant.drift-cleared": { target: string; repaired: boolean };
  /** `speaksFor`: of a repair, the accounts whose owners' word that of the actor is. */
  "run.queued": { kind: string; speaksFor?: string[] };
  "run.started": { kind: string; worker: string; steps: number };
  "run.taken-over": { worker: string; from: string };
  "run.succeeded": { kind: string; durationMs: number };
  "run.failed": { kind: string; cause: string };
  "run.retried": { kind: string; speaksFor?: string[] };
  "step.intended": { key: string; verb: string };
  "step.succeeded": { key: string; verb: string; outcome: string; awsRequestIds: string[] };
  "step.failed": { key: string; verb: string; code: string; cause: string; awsRequestIds: string[] };
  "account.registered": { accountId: string; name: string };
  "account.updated": { accountId: string; name: string };
  "account.sync-requested": { accountId: string };
  "cluster.registered": { cluster: string };
  "cluster.unregistered": { cluster: string };
  "cluster.updated": { cluster: string };
  "cluster.namespace-owner-set": { cluster: string; namespace: string; group: string | null };
  "manifest.url-issued": { expiresAt: string };
  "history.check-requested": Record<string, never>;
  /** A check found that history is not as it was sealed. */
  "history.broken": { fault: string };
}

export type AuditEventType = keyof AuditEvents;

/** An event with its type, as code writes it. */
export type AuditEntry = { [T in AuditEventType]: { type: T; data: AuditEvents[T] } }[AuditEventType];
