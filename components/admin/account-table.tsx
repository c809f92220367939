import { environmentOf } from "#components/admin/words.ts";
import { ListKeys } from "#components/shell/list-keys.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { RowLink, Table, TableCell, TableRow } from "#components/ui/table.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";

export type AccountRow = {
  id: string;
  name: string;
  environment: string;
  ownerGroup: string;
  owners: readonly { name: string }[];
  syncedAt: string | null;
  syncRequestedAt: string | null;
  syncErrors: readonly { cause: string }[];
  clusters: number;
  targets: number;
  liveGrants: number;
};

export function AccountTable({ rows, now }: { rows: readonly AccountRow[]; now: string }) {
  return (
    <ListKeys>
      <Table
        caption="Accounts"
        columns={[
          { label: "Account", className: "w-[28%]" },
          { label: "Environment" },
          { label: "Owners", className: "w-[26%]" },
          { label: "Targets", align: "end" },
          { label: "Live access", align: "end" },
          { label: "Last read", align: "end" },
        ]}
      >
        {rows.map((row) => (
          <TableRow key={row.id}>
            <TableCell>
              <RowLink href={`/admin/accounts/${row.id}`}>{row.name}</RowLink>
              <span className="block font-mono text-xs text-ink-muted">{row.id}</span>
            </TableCell>
            <TableCell label="Environment">
              <Badge tone={environmentOf(row.environment).tone}>{environmentOf(row.environment).label}</Badge>
            </TableCell>
            <TableCell label="Owners">
              <span className="block">{row.ownerGroup}</span>
              <span className="block text-xs text-ink-muted">
                {row.owners.length > 0 ? row.owners.map(({ name }) => name).join(", ") : "Nobody in it yet"}
              </span>
            </TableCell>
            <TableCell label="Targets" align="end" className="tabular-nums">
              {row.targets}
            </TableCell>
            <TableCell label="Live access" align="end" className="tabular-nums">
              {row.liveGrants}
            </TableCell>
            <TableCell label="Last read" align="end">
              <SyncState account={row} now={now} />
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </ListKeys>
  );
}

export type SyncFacts = Pick<AccountRow, "syncedAt" | "syncRequestedAt" | "syncErrors">;

/** Whether somebody asked for it to be read and it has not been since. */
export function isWaiting({ syncedAt, syncRequestedAt }: Omit<SyncFacts, "syncErrors">): boolean {
  return syncRequestedAt !== null && (syncedAt === null || syncedAt < syncRequestedAt);
}

/** When the worker last read the account, and how it went. */
export function SyncState({ account, now }: { account: SyncFacts; now: string }) {
  const { syncedAt, syncErrors } = account;
  // One missing right keeps several parts from being read.
  const problems = new Set(syncErrors.map(({ cause }) => cause)).size;
  if (problems > 0)
    return <StatusBadge tone="danger" label={problems === 1 ? "1 problem" : `${problems} problems`} />;
  if (isWaiting(account)) return <StatusBadge tone="info" label="Being read" pulse />;
  if (syncedAt === null) return <StatusBadge tone="neutral" label="Never" />;
  return <Timestamp value={syncedAt} now={now} className="text-sm text-ink-muted" />;
}
