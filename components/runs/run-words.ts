import type { GrantChangeWord } from "#lib/model/grant-change.ts";
import type { RunKind } from "#lib/model/run.ts";

/** What a run does: its kind, and of live access what becomes of it. */
export type RunPurpose = { kind: RunKind; change: GrantChangeWord | null };

const kinds: Record<RunKind, string> = {
  provision: "Provisioning",
  revoke: "Revoking",
  repair: "Repairing",
};

const changes: Record<GrantChangeWord, string> = {
  renew: "Renewing",
  change: "Changing",
  "roll-back": "Rolling back",
};

export function runWords({ kind, change }: RunPurpose): string {
  return change ? changes[change] : kinds[kind];
}
