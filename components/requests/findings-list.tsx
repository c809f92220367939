import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { cn } from "#components/ui/cn.ts";
import { Spinner } from "#components/ui/spinner.tsx";
import { inkTone } from "#components/ui/tone.ts";
import type { PreflightFinding } from "#lib/model/run.ts";

const severities = {
  error: { icon: CircleAlert, tone: "danger", label: "Error" },
  warning: { icon: TriangleAlert, tone: "warn", label: "Warning" },
  info: { icon: Info, tone: "info", label: "Note" },
} as const;

const order: PreflightFinding["severity"][] = ["error", "warning", "info"];

export type FindingsListProps = {
  findings: readonly PreflightFinding[];
  /** Account id → name. */
  accounts: Readonly<Record<string, string>>;
};

/** What the checks found, the worst first, each with how to mend it. */
export function FindingsList({ findings, accounts }: FindingsListProps) {
  const sorted = order.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  return (
    <ul className="divide-y divide-line">
      {sorted.map((finding) => {
        const { icon: Icon, tone, label } = severities[finding.severity];
        return (
          <li
            key={`${finding.id} ${finding.accountId} ${finding.key ?? ""}`}
            className="flex gap-3 py-3 first:pt-0 last:pb-0"
          >
            <Icon aria-hidden="true" className={cn("mt-[3px] size-4 shrink-0", inkTone[tone])} />
            <div className="min-w-0 flex-1">
              <p className="text-base font-medium wrap-anywhere text-ink">
                <span className="sr-only">{label}: </span>
                {finding.title}
              </p>
              <p className="text-sm wrap-anywhere text-ink-muted">{finding.detail}</p>
              {finding.nextStep && <p className="mt-1 text-sm wrap-anywhere text-ink">{finding.nextStep}</p>}
              <p className="mt-1 text-xs text-ink-faint">
                {accounts[finding.accountId] ?? finding.accountId}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

export type PreflightProps = {
  /** `queued`, `running`, `finished`, `failed`. */
  state: string;
  finished: boolean;
  findings: readonly PreflightFinding[];
  accounts: Readonly<Record<string, string>>;
};

/** The worker's live check of both accounts: under way, clean, or what it found. */
export function Preflight({ state, finished, findings, accounts }: PreflightProps) {
  if (!finished)
    return (
      <p role="status" className="flex items-center gap-2.5 text-base text-ink-muted">
        <Spinner className="text-info-ink" />
        {state === "running"
          ? "Looking at both accounts. This takes a few seconds."
          : "Waiting for a worker to look at both accounts."}
      </p>
    );
  if (findings.length > 0) return <FindingsList findings={findings} accounts={accounts} />;
  if (state === "failed")
    return (
      <p className="flex items-center gap-2.5 text-base text-danger-ink">
        <CircleAlert aria-hidden="true" className="size-4" />
        The check could not run. A new version is checked again.
      </p>
    );
  return (
    <p className="flex items-center gap-2.5 text-base text-ink">
      <CircleCheck aria-hidden="true" className="size-4 text-success-ink" />
      Nothing stands in the way in either account.
    </p>
  );
}
