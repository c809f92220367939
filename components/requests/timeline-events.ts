import {
  Ban,
  Check,
  CircleCheck,
  CircleX,
  GitCommitHorizontal,
  KeyRound,
  type LucideIcon,
  PencilLine,
  Play,
  Plus,
  RotateCcw,
  ScanSearch,
  ShieldCheck,
  TriangleAlert,
  Undo2,
  X,
} from "lucide-react";
import type { Tone } from "#components/ui/tone.ts";
import type { AuditEvents, AuditEventType } from "#lib/model/audit-event.ts";
import type { GrantChangeWord } from "#lib/model/grant-change.ts";

/** How an event reads on the request's page. */
export type EventWords = {
  verb: string;
  icon: LucideIcon;
  tone?: Tone;
  /** What the person said, or the details. */
  body?: string;
};

type Describe = { [T in AuditEventType]?: (data: AuditEvents[T]) => EventWords };

const runVerbs: Record<string, string> = {
  provision: "provisioning",
  revoke: "revoking",
  repair: "repairing",
};

const changed: Record<GrantChangeWord, string> = {
  renew: "the access is renewed",
  change: "the access is changed",
  "roll-back": "the access is as it was before",
};

const decisions: Record<AuditEvents["request.reviewed"]["decision"], EventWords> = {
  approve: { verb: "approved", icon: Check, tone: "success" },
  request_changes: { verb: "asked for changes to", icon: PencilLine, tone: "warn" },
  reject: { verb: "rejected", icon: X, tone: "danger" },
};

/**
 * Events that the conversation shows. Comments stand there themselves, steps belong to the run's page, and a decision
 * is told by the review that made it.
 */
const describe: Describe = {
  "request.submitted": () => ({ verb: "asked for this", icon: Plus }),
  "request.revised": ({ version }) => ({ verb: `made version ${version}`, icon: GitCommitHorizontal }),
  "request.reviewed": ({ decision, version, comment }) => ({
    ...decisions[decision],
    verb: `${decisions[decision].verb} version ${version}`,
    ...(comment === "" ? {} : { body: comment }),
  }),
  "request.approved": () => ({
    verb: "gave the last approval that was missing",
    icon: ShieldCheck,
    tone: "success",
  }),
  "request.withdrawn": () => ({ verb: "withdrew the request", icon: Undo2 }),
  "request.lapsed": () => ({ verb: "closed the request, since its access is being revoked", icon: Ban }),
  "preflight.finished": ({ errors, warnings }) => ({
    verb: preflightWords(errors, warnings),
    icon: ScanSearch,
    tone: errors > 0 ? "danger" : warnings > 0 ? "warn" : "neutral",
  }),
  "grant.active": () => ({ verb: "finished: the access is active", icon: KeyRound, tone: "success" }),
  "grant.failed": ({ cause }) => ({
    verb: "could not provide the access",
    icon: CircleX,
    tone: "danger",
    body: cause,
  }),
  "grant.changed": ({ change }) => ({
    verb: `finished: ${changed[change]}`,
    icon: KeyRound,
    tone: "success",
  }),
  "grant.change-failed": ({ change, cause }) => ({
    verb: change === "roll-back" ? "could not roll the access back" : `could not ${change} the access`,
    icon: CircleX,
    tone: "danger",
    body: cause,
  }),
  "grant.revoking": ({ reason }) => ({ verb: "started to revoke the access", icon: Undo2, body: reason }),
  "grant.revoked": () => ({ verb: "finished: the access is revoked", icon: CircleCheck }),
  "grant.given-up": ({ reason }) => ({
    verb: "gave the revocation up: something of the access may be left in AWS",
    icon: Ban,
    tone: "warn",
    body: reason,
  }),
  "grant.verified": ({ source, ok }) => ({
    verb: verifiedWords(source, ok),
    icon: ok ? CircleCheck : CircleX,
    tone: ok ? "success" : "danger",
  }),
  "grant.drifted": ({ findings }) => ({
    verb: "found that the access is no longer in AWS as approved",
    icon: TriangleAlert,
    tone: "warn",
    body: findings.join("; "),
  }),
  "grant.drift-cleared": ({ repaired }) => ({
    verb: repaired
      ? "repaired the access: it is in AWS as approved"
      : "found the access in AWS as approved again",
    icon: CircleCheck,
    tone: "success",
  }),
  "run.started": ({ kind, steps }) => ({
    verb: `started ${runVerbs[kind] ?? kind} in ${steps} ${steps === 1 ? "step" : "steps"}`,
    icon: Play,
    tone: "info",
  }),
  "run.retried": () => ({ verb: "started the run again", icon: RotateCcw }),
};

function verifiedWords(source: string, ok: boolean): string {
  if (source === "documents")
    return ok ? "read it back from AWS: it is as approved" : "read it back from AWS: it is not as approved";
  return ok
    ? "confirmed from inside the pod that it works"
    : "found from inside the pod that it does not work";
}

function preflightWords(errors: number, warnings: number): string {
  const found = [
    ...(errors > 0 ? [`${errors} ${errors === 1 ? "error" : "errors"}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`] : []),
  ];
  return `checked both accounts and found ${found.length === 0 ? "nothing in the way" : found.join(" and ")}`;
}

/** Null: this event is not part of the conversation. */
export function eventWords(type: AuditEventType, data: Record<string, unknown>): EventWords | null {
  // The type decides the shape of the data: both come from one row that was written as a typed entry.
  const words = describe[type] as ((data: unknown) => EventWords) | undefined;
  return words?.(data) ?? null;
}
