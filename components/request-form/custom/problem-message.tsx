import { CircleAlert } from "lucide-react";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import type { Severity } from "#lib/policy/findings/finding.ts";

/** What the policies would have against them, which keeps nobody from asking. */
export function FindingMessage({ severity, text }: { severity: Severity; text: string }) {
  return (
    <p className="flex items-start gap-1.5 text-xs text-ink">
      <SeverityIcon severity={severity} className="mt-0.5 size-3.5" />
      <span className="min-w-0 wrap-anywhere">{text}</span>
    </p>
  );
}

/** What is wrong with a part of custom permissions. */
export function ProblemMessage({ text }: { text: string }) {
  return (
    <p role="alert" className="flex items-start gap-1.5 text-xs text-danger-ink">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
      <span className="min-w-0 wrap-anywhere">{text}</span>
    </p>
  );
}
