import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import { Table, TableCell, TableRow } from "#components/ui/table.tsx";
import type { PodReport } from "#lib/model/pod-report.ts";

type Outcome = PodReport["checks"][number]["outcome"];

const impostorNames: Record<PodReport["impostors"][number]["who"], string> = {
  "other-service-account": "Another service account of the namespace",
  "other-namespace": "The same service account name in another namespace",
  "other-cluster": "The same service account on another cluster",
};

const words: Record<Outcome, string> = { allowed: "Allowed", denied: "Denied", error: "Error" };

/** What a pod tried, and who else tried and had to be refused. */
export function PodChecks({ report }: { report: PodReport }) {
  return (
    <Table
      caption="What was tried"
      stickyHeader={false}
      columns={[
        { label: "Tried", className: "w-1/2" },
        { label: "Result", className: "w-28" },
        { label: "Detail" },
      ]}
    >
      {report.checks.map((check) => (
        <TableRow key={`${check.operation} ${check.resource}`}>
          <TableCell>
            <code className="font-mono text-sm">{check.operation}</code>
            <span className="block font-mono text-xs text-ink-muted">{check.resource}</span>
          </TableCell>
          <TableCell label="Result">
            <Result outcome={check.outcome} expected="allowed" />
          </TableCell>
          <TableCell label="Detail" className="text-sm text-ink-muted">
            {check.detail || "–"}
          </TableCell>
        </TableRow>
      ))}
      {report.impostors.map((impostor) => (
        <TableRow key={impostor.who}>
          <TableCell>
            <span className="text-sm">{impostorNames[impostor.who]}</span>
          </TableCell>
          <TableCell label="Result">
            <Result outcome={impostor.outcome} expected="denied" />
          </TableCell>
          <TableCell label="Detail" className="text-sm text-ink-muted">
            {impostor.detail || "–"}
          </TableCell>
        </TableRow>
      ))}
    </Table>
  );
}

/** Green is what was expected: for impostors, being denied. */
function Result({ outcome, expected }: { outcome: Outcome; expected: Outcome }) {
  const good = outcome === expected;
  const Icon = good ? CircleCheck : outcome === "error" ? CircleAlert : CircleX;
  return (
    <span
      className={`inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap ${good ? "text-success-ink" : "text-danger-ink"}`}
    >
      <Icon aria-hidden="true" className="size-3.5" />
      {words[outcome]}
      <span className="sr-only">{good ? ", as it should be" : ", which it should not be"}</span>
    </span>
  );
}
