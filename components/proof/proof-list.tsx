import { Ban, ChevronRight } from "lucide-react";
import { proofOrder, refusedWords } from "#components/proof/proof-order.ts";
import { ProofTerms } from "#components/proof/proof-terms.tsx";
import { ChangeBadge, namedWords, ProofResult } from "#components/proof/proof-words.tsx";
import { askerWords, type ProvenRow } from "#lib/model/proven-access.ts";

/** The rows of a proof where there is little room. */
export function ProofList({ rows }: { rows: readonly ProvenRow[] }) {
  const { first, refused } = proofOrder(rows);
  return (
    <div className="overflow-clip rounded-md border border-line">
      <Rows rows={first} />
      {refused.length > 0 && (
        <details className="group border-t border-line">
          <summary className="flex min-h-9 items-center gap-1.5 px-3 py-1.5 text-sm text-ink-muted hover:bg-hover focus-visible:-outline-offset-2">
            <Ban aria-hidden="true" className="size-3.5 shrink-0" />
            <span className="min-w-0 flex-1">{refusedWords(refused)}</span>
            <ChevronRight
              aria-hidden="true"
              className="size-3.5 shrink-0 transition-transform group-open:rotate-90"
            />
          </summary>
          <div className="border-t border-line">
            <Rows rows={refused} />
          </div>
        </details>
      )}
    </div>
  );
}

function Rows({ rows }: { rows: readonly ProvenRow[] }) {
  return (
    <ul className="divide-y divide-line">
      {rows.map((row) => (
        <li
          key={`${row.who} ${row.named?.[0]} ${row.outcome} ${row.change} ${row.actions[0]}`}
          className="grid gap-x-3 px-3 py-1.5 sm:grid-cols-[minmax(0,1fr)_auto]"
        >
          <span className="text-sm text-ink">{askerWords[row.who]}</span>
          <span className="flex items-center gap-2">
            <ChangeBadge change={row.change} />
            <ProofResult row={row} />
          </span>
          {row.named && (
            <span className="text-xs wrap-anywhere text-ink-muted sm:col-span-2">{namedWords(row)}</span>
          )}
          {(row.who === "workload" || !row.ok || row.outcome === "unknown") && (
            <div className="text-xs wrap-anywhere text-ink-muted sm:col-span-2">
              {row.terms?.length ? <ProofTerms terms={row.terms} /> : row.actions.join(", ")}
              {row.dependsOn.length > 0 && ` (depends on ${row.dependsOn.join(", ")})`}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
