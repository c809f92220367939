import { ShieldAlert, ShieldCheck } from "lucide-react";
import { riskWords } from "#components/risk/risk-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import type { RiskLevel } from "#lib/model/risk.ts";

/** How risky it is to approve. */
export function RiskBadge({ level }: { level: RiskLevel }) {
  const { label, tone } = riskWords[level];
  const Icon = level === "low" || level === "medium" ? ShieldCheck : ShieldAlert;
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" />}>
      {label}
    </Badge>
  );
}
