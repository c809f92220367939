import { CircleCheck, CircleX } from "lucide-react";
import { Table, TableCell, TableRow } from "#components/ui/table.tsx";
import { askerWords, type ProvenRow } from "#lib/model/proven-access.ts";

/** Who gets in, by the policies as they are in AWS. */
export function ProvenRows({ rows }: { rows: readonly ProvenRow[] }) {
  return (
    <Table
      caption="Who gets in, by the policies in AWS"
      stickyHeader={false}
      columns={[
        { label: "Who", className: "w-1/2" },
        { label: "Result", className: "w-28" },
        { label: "What" },
      ]}
    >
      {rows.map((row) => (
        <TableRow key={row.who}>
          <TableCell>
            <span className="text-sm">{askerWords[row.who]}</span>
          </TableCell>
          <TableCell label="Result">
            <Result row={row} />
          </TableCell>
          <TableCell label="What" className="text-sm text-ink-muted">
            {row.reason || row.actions.join(", ")}
          </TableCell>
        </TableRow>
      ))}
    </Table>
  );
}

/** Green is what was approved: for all but the workload, being refused. */
function Result({ row: { ok, outcome } }: { row: ProvenRow }) {
  const Icon = ok ? CircleCheck : CircleX;
  return (
    <span
      className={`inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap ${ok ? "text-success-ink" : "text-danger-ink"}`}
    >
      <Icon aria-hidden="true" className="size-3.5" />
      {outcome === "allowed" ? "Allowed" : "Refused"}
      <span className="sr-only">{ok ? ", as it should be" : ", which it should not be"}</span>
    </span>
  );
}
