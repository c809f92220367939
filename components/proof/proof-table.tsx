import { ChevronRight } from "lucide-react";
import { ProofActions } from "#components/proof/proof-actions.tsx";
import { ChangeBadge, ProofResult } from "#components/proof/proof-words.tsx";
import { Table, TableCell, TableRow } from "#components/ui/table.tsx";
import { askerNotes, askerWords, type ProvenRow } from "#lib/model/proven-access.ts";

export type ProofTableProps = {
  /** What the rows rest on; names the table. */
  caption: string;
  rows: readonly ProvenRow[];
};

/** Who gets in and who does not, by the evaluator; each answer unfolds to how it comes about. */
export function ProofTable({ caption, rows }: ProofTableProps) {
  return (
    <Table
      caption={caption}
      stickyHeader={false}
      columns={[
        { label: "Who", className: "w-2/5" },
        { label: "Result", className: "w-28" },
        { label: "What" },
      ]}
    >
      {rows.map((row) => (
        <TableRow key={`${row.who} ${row.outcome} ${row.change} ${row.actions[0]}`}>
          <TableCell>
            <span className="block text-sm">{askerWords[row.who]}</span>
            {askerNotes[row.who] && (
              <span className="block text-xs text-ink-muted">{askerNotes[row.who]}</span>
            )}
          </TableCell>
          <TableCell label="Result">
            <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <ProofResult row={row} />
              <ChangeBadge change={row.change} />
            </span>
          </TableCell>
          <TableCell label="What" className="text-sm text-ink-muted">
            {row.reason || <ProofActions actions={row.actions} />}
            {row.dependsOn.length > 0 && (
              <span className="block text-warn-ink">Depends on {row.dependsOn.join(", ")}.</span>
            )}
            {row.steps.length > 0 && <Steps row={row} />}
          </TableCell>
        </TableRow>
      ))}
    </Table>
  );
}

/** Each decision on the way, for the first of the actions. */
function Steps({ row }: { row: ProvenRow }) {
  return (
    <details className="group">
      <summary className="inline-flex min-h-6 items-center gap-1 text-xs text-ink-muted hover:text-ink">
        <ChevronRight
          aria-hidden="true"
          className="size-3.5 shrink-0 transition-transform group-open:rotate-90"
        />
        Why
      </summary>
      <ol className="mt-1 grid gap-1.5 border-l border-line pl-3 text-xs">
        {row.steps.map((step) => (
          <li key={`${step.action} ${step.resource}`} className="wrap-anywhere">
            <span className="font-mono text-2xs text-ink">{step.action}</span> on{" "}
            <span className="font-mono text-2xs text-ink">{step.resource}</span>
            <span className="block">{step.reason}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What no row takes into account. */
export function ProofLimits() {
  return (
    <p className="text-xs text-ink-muted">
      Not read: service control policies, resource control policies and VPC endpoint policies, which can only
      take away. Not looked at: ACLs, access points and KMS grants, which can let others in beside the
      policies.
    </p>
  );
}
