import { RiskBadge } from "#components/risk/risk-badge.tsx";
import { ListKeys } from "#components/shell/list-keys.tsx";
import { RequestStateBadge } from "#components/states/state-badges.tsx";
import { Avatar } from "#components/ui/avatar.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { RowLink, Table, TableCell, TableRow } from "#components/ui/table.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { RiskLevel } from "#lib/model/risk.ts";
import type { RequestState } from "#lib/model/states.ts";

export type RequestTableRow = {
  id: string;
  number: number;
  title: string;
  state: RequestState;
  requester: { name: string };
  createdAt: string;
  risk: RiskLevel;
  approvals: { satisfied: number; required: number };
  awaitsMe: boolean;
};

export type RequestTableProps = {
  caption: string;
  rows: readonly RequestTableRow[];
  /** The moment of rendering. */
  now: Date | string;
};

const columns = [
  { label: "Request" },
  { label: "State", className: "w-44" },
  { label: "Risk", className: "w-32" },
  { label: "Requester", className: "w-44" },
  { label: "Approvals", className: "w-24" },
  { label: "Asked", align: "end", className: "w-32" },
] as const;

/** Requests, newest first; j and k move through them. */
export function RequestTable({ caption, rows, now }: RequestTableProps) {
  return (
    <ListKeys>
      <Table caption={caption} columns={columns}>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <TableCell>
              <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
                <RowLink href={`/requests/${row.number}`}>{row.title}</RowLink>
                <span className="text-sm text-ink-faint tabular-nums">#{row.number}</span>
                {row.awaitsMe && <Badge tone="accent">Waits for you</Badge>}
              </span>
            </TableCell>
            <TableCell label="State">
              <RequestStateBadge state={row.state} />
            </TableCell>
            <TableCell label="Risk">
              <RiskBadge level={row.risk} />
            </TableCell>
            <TableCell label="Requester">
              <span className="flex items-center gap-2 text-ink-muted">
                <Avatar name={row.requester.name} size="sm" />
                <span className="truncate">{row.requester.name}</span>
              </span>
            </TableCell>
            <TableCell label="Approvals">
              <span className="text-ink-muted tabular-nums">
                {row.approvals.satisfied} of {row.approvals.required}
              </span>
            </TableCell>
            <TableCell label="Asked" align="end">
              <Timestamp value={row.createdAt} now={now} className="text-ink-muted" />
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </ListKeys>
  );
}
