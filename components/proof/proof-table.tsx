"use client";

import { Ban, ChevronRight } from "lucide-react";
import { useState } from "react";
import { ProofActions } from "#components/proof/proof-actions.tsx";
import { proofOrder, refusedWords } from "#components/proof/proof-order.ts";
import { ProofTerms } from "#components/proof/proof-terms.tsx";
import { ChangeBadge, namedWords, ProofResult } from "#components/proof/proof-words.tsx";
import { cn } from "#components/ui/cn.ts";
import { Table, TableCell, TableRow, TableSpan } from "#components/ui/table.tsx";
import { askerNotes, askerWords, byOthersNote, isOpenKey, type ProvenRow } from "#lib/model/proven-access.ts";

export type ProofTableProps = {
  /** What the rows rest on; names the table. */
  caption: string;
  rows: readonly ProvenRow[];
};

/**
 * Who gets in and who does not, by the evaluator; each answer unfolds to how it comes about. What is unexpected comes
 * first; those who are kept out as they should be are one line, which opens.
 */
export function ProofTable({ caption, rows }: ProofTableProps) {
  const { first, refused } = proofOrder(rows);
  const [open, setOpen] = useState(false);
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
      {first.map((row) => (
        <Row key={keyOf(row)} row={row} />
      ))}
      {refused.length > 0 && (
        <Fold text={refusedWords(refused)} open={open} onToggle={() => setOpen(!open)} />
      )}
      {open && refused.map((row) => <Row key={keyOf(row)} row={row} />)}
    </Table>
  );
}

function keyOf({ who, named, outcome, change, actions }: ProvenRow): string {
  return `${who} ${named?.[0]} ${outcome} ${change} ${actions[0]}`;
}

function Row({ row }: { row: ProvenRow }) {
  const notes = new Set([
    ...(row.byOthers && !isOpenKey(row) ? [byOthersNote] : []),
    askerNotes[row.who] ?? "",
  ]);
  return (
    <TableRow className={cn(!row.ok && row.outcome !== "unknown" && "bg-danger-soft hover:bg-danger-soft")}>
      <TableCell>
        <span className="block text-sm">{askerWords[row.who]}</span>
        {row.named && <span className="block text-xs wrap-anywhere text-ink-muted">{namedWords(row)}</span>}
        {[...notes].map((note) => (
          <span key={note} className="block text-xs text-ink-muted">
            {note}
          </span>
        ))}
      </TableCell>
      <TableCell label="Result">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <ProofResult row={row} />
          <ChangeBadge change={row.change} />
        </span>
      </TableCell>
      <TableCell label="What" className="text-sm text-ink-muted">
        {row.reason ||
          (row.terms?.length ? <ProofTerms terms={row.terms} /> : <ProofActions actions={row.actions} />)}
        {row.dependsOn.length > 0 && (
          <span className="block text-warn-ink">Depends on {row.dependsOn.join(", ")}.</span>
        )}
        {row.steps.length > 0 && <Steps row={row} />}
      </TableCell>
    </TableRow>
  );
}

/** The line that stands for the rows below it until it is opened. */
function Fold({ text, open, onToggle }: { text: string; open: boolean; onToggle: () => void }) {
  return (
    <TableSpan columns={3}>
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex min-h-11 w-full items-center gap-2 px-4 py-2 text-left text-sm text-ink-muted hover:bg-hover hover:text-ink focus-visible:-outline-offset-2 sm:px-5"
      >
        <Ban aria-hidden="true" className="size-3.5 shrink-0" />
        <span className="min-w-0 flex-1">{text}</span>
        <ChevronRight
          aria-hidden="true"
          className={cn("size-3.5 shrink-0 transition-transform", open && "rotate-90")}
        />
      </button>
    </TableSpan>
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
