import type { Tone } from "#components/ui/tone.ts";
import type { Severity } from "#lib/policy/findings/finding.ts";

/** How a severity is shown: its colour, its word, and what the editor's own lint calls it. */
export const severityLooks = {
  error: { tone: "danger", word: "Error", lint: "error" },
  "security-warning": { tone: "warn", word: "Security warning", lint: "warning" },
  warning: { tone: "info", word: "Warning", lint: "info" },
  suggestion: { tone: "neutral", word: "Suggestion", lint: "hint" },
} as const satisfies Record<
  Severity,
  { tone: Tone; word: string; lint: "error" | "warning" | "info" | "hint" }
>;
