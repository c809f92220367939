import { CircleAlert, Info, type LucideIcon, ShieldAlert, TriangleAlert } from "lucide-react";
import { cn } from "#components/ui/cn.ts";
import { inkTone, type Tone } from "#components/ui/tone.ts";
import type { Severity } from "#lib/policy/findings/finding.ts";

/** How each severity is named and coloured. */
export const severityWords: Record<Severity, { label: string; tone: Tone; icon: LucideIcon }> = {
  error: { label: "Error", tone: "danger", icon: CircleAlert },
  "security-warning": { label: "Security warning", tone: "danger", icon: ShieldAlert },
  warning: { label: "Warning", tone: "warn", icon: TriangleAlert },
  suggestion: { label: "Note", tone: "info", icon: Info },
};

export function SeverityIcon({ severity, className }: { severity: Severity; className?: string }) {
  const { label, tone, icon: Icon } = severityWords[severity];
  return (
    <>
      <Icon aria-hidden="true" className={cn("size-4 shrink-0", inkTone[tone], className)} />
      <span className="sr-only">{label}: </span>
    </>
  );
}
