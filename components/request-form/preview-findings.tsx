import { checkedWords, type FindingsData } from "#components/findings/finding-data.ts";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import { RiskBadge } from "#components/risk/risk-badge.tsx";
import { riskWords } from "#components/risk/risk-words.ts";
import type { Risk } from "#lib/model/risk.ts";

/** How risky it would be to approve, and what is wrong with the policies that it makes. */
export function PreviewFindings({ risk, findings }: { risk: Risk; findings: FindingsData }) {
  return (
    <div className="grid gap-3 text-sm">
      <div className="grid gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <RiskBadge level={risk.level} />
          <span className="text-ink-muted">{riskWords[risk.level].asks}</span>
        </p>
        {risk.reasons.length > 0 && (
          <ul className="grid gap-0.5 text-ink">
            {risk.reasons.map(({ id, reason }) => (
              <li key={id}>{reason}</li>
            ))}
          </ul>
        )}
      </div>
      {findings.items.length === 0 ? (
        <p className="text-ink-muted">{checkedWords(findings)}</p>
      ) : (
        <ul className="divide-y divide-line overflow-clip rounded-md border border-line">
          {findings.items.map((finding) => (
            <li key={finding.key} className="flex gap-2.5 px-3 py-2">
              <SeverityIcon severity={finding.severity} className="mt-0.5" />
              <div className="min-w-0">
                <p className="wrap-anywhere text-ink">
                  {finding.title}
                  {finding.origin !== "new" && <span className="text-ink-muted"> (not new)</span>}
                </p>
                <p className="text-xs wrap-anywhere text-ink-muted">{finding.detail}</p>
                {finding.origin === "new" && <p className="text-xs wrap-anywhere text-ink">{finding.mend}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
