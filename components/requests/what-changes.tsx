import { severityCounts } from "#components/findings/finding-data.ts";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import { TargetLines } from "#components/requests/target-lines.tsx";
import type { TargetItem } from "#components/requests/targets-list.tsx";
import { RiskBadge } from "#components/risk/risk-badge.tsx";
import type { RiskLevel } from "#lib/model/risk.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { Severity } from "#lib/policy/findings/finding.ts";

export type Approvable = {
  workload: Workload;
  targets: readonly TargetItem[];
  /** "3 to create, 1 to update", account by account. */
  accounts: readonly { accountId: string; name: string; changes: string }[];
  risk: RiskLevel;
  findings: readonly { key: string; severity: Severity; title: string }[];
  now: string;
};

/** The counts say how many more there are. */
const mostTitles = 4;

/** What one is about to approve, in the few lines that fit above the button. */
export function WhatChanges({ workload, targets, accounts, risk, findings, now }: Approvable) {
  const gravest = findings
    .filter(({ severity }) => severity === "error" || severity === "security-warning")
    .slice(0, mostTitles);
  return (
    <section
      aria-label="What you approve"
      className="grid gap-3 rounded-lg border border-line bg-sunken px-3.5 py-3 text-sm"
    >
      <div className="grid gap-1.5">
        <p className="flex flex-wrap gap-x-2 text-base">
          <span className="font-medium wrap-anywhere text-ink">
            {workload.namespace}/{workload.serviceAccount}
          </span>
          <span className="text-ink-muted">on {workload.cluster.name}</span>
        </p>
        <TargetLines targets={targets} now={now} />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1 border-t border-line pt-3">
        {accounts.map(({ accountId, name, changes }) => (
          <div key={accountId} className="contents">
            <dt className="wrap-anywhere text-ink-muted">{name}</dt>
            <dd className="text-ink">{changes}</dd>
          </div>
        ))}
        <dt className="text-ink-muted">Risk, findings</dt>
        <dd className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink">
          <RiskBadge level={risk} />
          {severityCounts(findings).map(({ severity, text }) => (
            <span key={severity} className="inline-flex items-center gap-1.5">
              <SeverityIcon severity={severity} className="size-3.5" />
              {text}
            </span>
          ))}
          {findings.length === 0 && "nothing found"}
        </dd>
        {gravest.length > 0 && (
          <dd className="col-span-2">
            <ul className="grid gap-0.5">
              {gravest.map(({ key, severity, title }) => (
                <li key={key} className="flex items-start gap-1.5 wrap-anywhere text-ink">
                  <SeverityIcon severity={severity} className="mt-[3px] size-3.5" />
                  <span className="min-w-0">{title}</span>
                </li>
              ))}
            </ul>
          </dd>
        )}
      </dl>
    </section>
  );
}
