import type { Tone } from "#components/ui/tone.ts";
import type { RiskLevel } from "#lib/model/risk.ts";

/** How each level of risk is named and coloured, and what it asks of approvers. */
export const riskWords: Record<RiskLevel, { label: string; tone: Tone; asks: string }> = {
  low: { label: "Low risk", tone: "success", asks: "The owners approve." },
  medium: { label: "Medium risk", tone: "info", asks: "The owners approve." },
  high: {
    label: "High risk",
    tone: "warn",
    asks: "The owners approve, and type the name of every account that it opens.",
  },
  critical: {
    label: "Critical risk",
    tone: "danger",
    asks: "An admin, a second person, approves beside the owners; each types the name of every account that it opens.",
  },
};
