import type { Tone } from "#components/ui/tone.ts";
import type { GrantTrouble } from "#lib/model/grant-trouble.ts";
import type { GrantState, RequestState, RunState, StepState } from "#lib/model/states.ts";

export type StateWords = { label: string; tone: Tone; pulse?: boolean };

/** How each state is named and coloured, everywhere. */
export const requestStates: Record<RequestState, StateWords> = {
  in_review: { label: "In review", tone: "info" },
  changes_requested: { label: "Changes requested", tone: "warn" },
  approved: { label: "Approved", tone: "success" },
  rejected: { label: "Rejected", tone: "danger" },
  withdrawn: { label: "Withdrawn", tone: "neutral" },
  lapsed: { label: "Lapsed", tone: "neutral" },
};

export const grantStates: Record<GrantState, StateWords> = {
  pending: { label: "Pending", tone: "neutral" },
  provisioning: { label: "Provisioning", tone: "info", pulse: true },
  active: { label: "Active", tone: "success" },
  revoking: { label: "Revoking", tone: "info", pulse: true },
  failed: { label: "Failed", tone: "danger" },
  given_up: { label: "Given up", tone: "warn" },
  revoked: { label: "Revoked", tone: "neutral" },
};

export const runStates: Record<RunState, StateWords> = {
  queued: { label: "Queued", tone: "neutral", pulse: true },
  running: { label: "Running", tone: "info", pulse: true },
  succeeded: { label: "Succeeded", tone: "success" },
  failed: { label: "Failed", tone: "danger" },
  cancelled: { label: "Cancelled", tone: "neutral" },
};

export const stepStates: Record<StepState, StateWords> = {
  pending: { label: "Waiting", tone: "neutral" },
  running: { label: "Running", tone: "info", pulse: true },
  succeeded: { label: "Done", tone: "success" },
  failed: { label: "Failed", tone: "danger" },
  skipped: { label: "Skipped", tone: "neutral" },
};

export const troubles: Record<GrantTrouble, StateWords> = {
  open: { label: "Lets others in", tone: "danger" },
  wider: { label: "Wider than approved", tone: "danger" },
  drifted: { label: "Drifted", tone: "warn" },
  refused: { label: "Refused in AWS", tone: "danger" },
  fails: { label: "Fails in the pod", tone: "danger" },
};
