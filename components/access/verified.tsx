import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { Timestamp } from "#components/ui/timestamp.tsx";

export type VerifiedProps = {
  last: { at: string; ok: boolean; source: string } | null;
  now: string;
};

/** What was checked: that the documents are as approved says nothing yet of a pod that tried. */
function wordsOf({ ok, source }: NonNullable<VerifiedProps["last"]>): string {
  if (source === "pod") return ok ? "Works in the pod" : "Fails in the pod";
  return ok ? "As approved" : "Differs in AWS";
}

/** When a grant was last checked, and what came of it. */
export function Verified({ last, now }: VerifiedProps) {
  if (!last)
    return (
      <span className="flex items-center gap-1.5 text-sm text-ink-faint">
        <CircleDashed aria-hidden="true" className="size-3.5 shrink-0" />
        Not yet
      </span>
    );
  const Icon = last.ok ? CircleCheck : CircleX;
  return (
    <span className="flex items-start gap-1.5 text-sm">
      <Icon
        aria-hidden="true"
        className={`mt-[3px] size-3.5 shrink-0 ${last.ok ? "text-success-ink" : "text-danger-ink"}`}
      />
      <span>
        <span className={`block ${last.ok ? "text-ink" : "font-medium text-danger-ink"}`}>
          {wordsOf(last)}
        </span>
        <Timestamp value={last.at} now={now} className="text-ink-muted" />
      </span>
    </span>
  );
}

const soonMs = 7 * 24 * 3_600_000;

/** When access ends; it stands out in its last week. */
export function Expires({ at, now, ended }: { at: string | null; now: string; ended: boolean }) {
  if (at === null) return <span className="text-sm text-ink-faint">Until revoked</span>;
  const soon = !ended && Date.parse(at) - Date.parse(now) < soonMs;
  return (
    <Timestamp
      value={at}
      now={now}
      className={soon ? "text-sm font-medium text-warn-ink" : "text-sm text-ink-muted"}
    />
  );
}
