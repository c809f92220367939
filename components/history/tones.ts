import type { Tone } from "#components/ui/tone.ts";
import type { AuditEventType } from "#lib/model/audit-event.ts";

/** Only what one looks for at a glance has a colour. */
const tones: Partial<Record<AuditEventType, Tone>> = {
  "request.approved": "success",
  "request.changes-requested": "warn",
  "request.rejected": "danger",
  "grant.active": "success",
  "grant.failed": "danger",
  "grant.changed": "success",
  "grant.change-failed": "danger",
  "grant.revoked": "neutral",
  "grant.given-up": "warn",
  "grant.drifted": "warn",
  "grant.statements-dead": "warn",
  "grant.drift-cleared": "success",
  "run.taken-over": "warn",
  "run.failed": "danger",
  "step.failed": "danger",
  "history.broken": "danger",
};

export function eventTone({ type, data }: { type: AuditEventType; data: Record<string, unknown> }): Tone {
  if (type === "grant.verified") return data.ok === true ? "success" : "danger";
  if (type === "preflight.finished") return data.errors === 0 ? "neutral" : "danger";
  return tones[type] ?? "neutral";
}
