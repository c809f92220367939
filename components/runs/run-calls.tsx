import { formatDuration } from "#components/live/duration.ts";
import type { RunCallData } from "#components/runs/run-data.ts";
import { Copyable } from "#components/ui/copyable.tsx";
import { Table, TableCell, TableRow } from "#components/ui/table.tsx";

const columns = [
  { label: "Call" },
  { label: "Answer" },
  { label: "Took", align: "end" },
  { label: "Tries", align: "end" },
  { label: "AWS request id" },
] as const;

/** What a step asked AWS, call by call. */
export function RunCalls({ calls, title }: { calls: readonly RunCallData[]; title: string }) {
  if (calls.length === 0) return <p className="text-sm text-ink-faint">No AWS call yet.</p>;
  return (
    <div className="overflow-clip rounded-md border border-line">
      <Table caption={`AWS calls: ${title}`} columns={columns} stickyHeader={false}>
        {calls.map((call) => (
          <TableRow key={call.id}>
            <TableCell mono>
              {call.service}:{call.operation}
            </TableCell>
            <TableCell label="Answer">
              <Answer call={call} />
            </TableCell>
            <TableCell label="Took" align="end">
              <span className="text-sm whitespace-nowrap tabular-nums">
                {formatDuration(call.durationMs)}
              </span>
            </TableCell>
            <TableCell label="Tries" align="end">
              <span className="text-sm tabular-nums">{call.attempts}</span>
            </TableCell>
            <TableCell label="Request id">
              {call.requestId === null ? (
                <span className="text-sm text-ink-faint">None</span>
              ) : (
                <Copyable text={call.requestId} what="AWS request id" />
              )}
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </div>
  );
}

function Answer({ call }: { call: RunCallData }) {
  if (call.errorName)
    return (
      <span className="text-sm wrap-anywhere text-danger-ink">
        {call.httpStatus === null ? "" : `${call.httpStatus} `}
        {call.errorName}
      </span>
    );
  if (call.httpStatus === null) return <span className="text-sm text-ink-muted">Asked</span>;
  return <span className="text-sm text-success-ink tabular-nums">{call.httpStatus} OK</span>;
}
