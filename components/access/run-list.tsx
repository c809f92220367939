import { formatDuration } from "#components/live/duration.ts";
import { RunStateBadge } from "#components/states/state-badges.tsx";
import { RowLink, Table, TableCell, TableRow } from "#components/ui/table.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { GrantChangeWord } from "#lib/model/grant-change.ts";
import type { RunKind } from "#lib/model/run.ts";
import type { RunState } from "#lib/model/states.ts";

export type RunListRow = {
  id: string;
  kind: RunKind;
  change: GrantChangeWord | null;
  state: RunState;
  requestedBy: { name: string } | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  steps: { total: number; succeeded: number; failed: number };
};

const kinds: Record<RunKind, string> = {
  provision: "Provisioning",
  revoke: "Revocation",
  repair: "Repair",
};

const changes: Record<GrantChangeWord, string> = {
  renew: "Renewal",
  change: "Change",
  "roll-back": "Roll back",
};

/** The runs that a grant was part of. */
export function RunList({ rows, now }: { rows: readonly RunListRow[]; now: string }) {
  return (
    <Table
      caption="Runs"
      stickyHeader={false}
      columns={[
        { label: "Run" },
        { label: "State" },
        { label: "Steps" },
        { label: "Took" },
        { label: "When", align: "end" },
      ]}
    >
      {rows.map((run) => (
        <TableRow key={run.id}>
          <TableCell>
            <RowLink href={`/runs/${run.id}`}>{run.change ? changes[run.change] : kinds[run.kind]}</RowLink>
            <span className="text-sm text-ink-muted"> by {run.requestedBy?.name ?? "Drawbridge"}</span>
          </TableCell>
          <TableCell label="State">
            <RunStateBadge state={run.state} />
          </TableCell>
          <TableCell label="Steps" className="text-sm tabular-nums">
            {run.steps.total === 0 ? "–" : `${run.steps.succeeded} of ${run.steps.total}`}
            {run.steps.failed > 0 && <span className="text-danger-ink">, {run.steps.failed} failed</span>}
          </TableCell>
          <TableCell label="Took" className="text-sm text-ink-muted tabular-nums">
            {run.startedAt && run.finishedAt
              ? formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt))
              : "–"}
          </TableCell>
          <TableCell label="When" align="end" className="text-sm text-ink-muted">
            <Timestamp value={run.createdAt} now={now} />
          </TableCell>
        </TableRow>
      ))}
    </Table>
  );
}
