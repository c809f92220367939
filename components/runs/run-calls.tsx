import { ChevronRight } from "lucide-react";
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

/** A step that was tried again and again has hundreds: the latest say how it stands. */
const latest = 12;

/** What a step asked AWS, call by call. */
export function RunCalls({ calls, title }: { calls: readonly RunCallData[]; title: string }) {
  if (calls.length === 0) return <p className="text-sm text-ink-faint">No AWS call yet.</p>;
  const earlier = calls.slice(0, -latest);
  return (
    <div className="overflow-clip rounded-md border border-line">
      {earlier.length > 0 && (
        <details className="group/earlier border-b border-line">
          <summary className="flex items-center gap-1.5 px-4 py-2 text-sm text-ink-muted hover:bg-hover hover:text-ink focus-visible:-outline-offset-2 sm:px-5">
            <ChevronRight
              aria-hidden="true"
              className="size-4 text-ink-faint transition-transform group-open/earlier:rotate-90"
            />
            {earlier.length} earlier {earlier.length === 1 ? "call" : "calls"}
          </summary>
          <CallTable calls={earlier} caption={`Earlier AWS calls: ${title}`} />
        </details>
      )}
      <CallTable calls={calls.slice(-latest)} caption={`AWS calls: ${title}`} />
    </div>
  );
}

function CallTable({ calls, caption }: { calls: readonly RunCallData[]; caption: string }) {
  return (
    <Table caption={caption} columns={columns} stickyHeader={false}>
      {calls.map((call) => (
        <TableRow key={call.id}>
          <TableCell mono>
            {call.service.toLowerCase()}:{call.operation}
          </TableCell>
          <TableCell label="Answer">
            <Answer call={call} />
          </TableCell>
          <TableCell label="Took" align="end">
            <span className="text-sm whitespace-nowrap tabular-nums">{formatDuration(call.durationMs)}</span>
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
