import { Ban, CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import { cn } from "#components/ui/cn.ts";
import type { Tone } from "#components/ui/tone.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";

/** More than these are counted. */
const shown = 5;

/** Who else it is that a row is about, where it says more than its asker. */
export function namedWords({ named = [] }: ProvenRow): string {
  const rest = named.length - shown;
  // Counting one would save nothing.
  if (rest <= 1) return named.join(", ");
  return `${named.slice(0, shown).join(", ")} and ${rest} more`;
}

const outcomes: Record<ProvenRow["outcome"], string> = {
  allowed: "Allowed",
  refused: "Refused",
  unknown: "Unknown",
};

/**
 * Three outcomes, told apart at a glance: the workload let in is green, refused is quiet, unknown is a warning, and so
 * is what the target's own policy opens to others. One that is not as it should be is loud.
 */
export function ProofResult({ row: { who, ok, outcome, byOthers } }: { row: ProvenRow }) {
  if (!ok && outcome !== "unknown")
    return (
      <Badge tone="danger" icon={<TriangleAlert aria-hidden="true" />}>
        {outcomes[outcome]}
        <span className="sr-only">, which it should not be</span>
      </Badge>
    );
  const Icon = { allowed: CircleCheck, refused: Ban, unknown: CircleHelp }[outcome];
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 text-sm whitespace-nowrap",
        outcome === "allowed" && "font-medium",
        outcome === "allowed" &&
          (who === "workload"
            ? "text-success-ink"
            : who === "others-in-parts" || byOthers
              ? "text-warn-ink"
              : "text-ink"),
        outcome === "refused" && "text-ink-muted",
        outcome === "unknown" && "font-medium text-warn-ink",
      )}
    >
      <Icon aria-hidden="true" className="size-3.5" />
      {outcomes[outcome]}
      <span className="sr-only">
        {outcome === "unknown"
          ? ", depends on what is not known here"
          : outcome === "allowed" && who !== "workload"
            ? ", with or without this access"
            : ", as it should be"}
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
