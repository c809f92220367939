import { riskWords } from "#components/risk/risk-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import type { Risk } from "#lib/model/risk.ts";

/** Why the risk is what it is: the rows of the table that apply, and what the level asks of approvers. */
export function RiskTable({ risk: { level, reasons } }: { risk: Risk }) {
  return (
    <div className="grid gap-2 text-sm">
      {reasons.length === 0 ? (
        <p className="text-ink-muted">No row of the table of risks applies.</p>
      ) : (
        <ul className="grid gap-1.5">
          {reasons.map((row) => (
            <li key={row.id} className="flex items-baseline gap-2.5">
              <span className="w-16 shrink-0">
                <Badge tone={riskWords[row.level].tone}>
                  {row.level[0]?.toUpperCase()}
                  {row.level.slice(1)}
                </Badge>
              </span>
              <span className="min-w-0 text-ink">{row.reason}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="text-ink-muted">
        {riskWords[level].asks} <TextLink href="/findings#risk">The whole table</TextLink>
      </p>
    </div>
  );
}
