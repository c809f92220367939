import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import type { Tone } from "#components/ui/tone.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";

const outcomes: Record<ProvenRow["outcome"], string> = {
  allowed: "Allowed",
  refused: "Refused",
  unknown: "Unknown",
};

/** Green is what was approved or asked for: for all but the workload, being refused. */
export function ProofResult({ row: { ok, outcome } }: { row: ProvenRow }) {
  const unknown = outcome === "unknown";
  const Icon = unknown ? CircleHelp : ok ? CircleCheck : CircleX;
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap",
        unknown ? "text-warn-ink" : ok ? "text-success-ink" : "text-danger-ink",
      )}
    >
      <Icon aria-hidden="true" className="size-3.5" />
      {outcomes[outcome]}
      <span className="sr-only">
        {unknown
          ? ", depends on what is not known here"
          : ok
            ? ", as it should be"
            : ", which it should not be"}
      </span>
    </span>
  );
}

const changes: Record<NonNullable<ProvenRow["change"]>, { label: string; tone: Tone } | null> = {
  new: { label: "New", tone: "info" },
  ends: { label: "Ends", tone: "neutral" },
  // Most rows are: only what differs from today stands out.
  unchanged: null,
};

/** How a row differs from what AWS has today. */
export function ChangeBadge({ change }: { change: ProvenRow["change"] }) {
  const words = change && changes[change];
  return words ? <Badge tone={words.tone}>{words.label}</Badge> : null;
}
