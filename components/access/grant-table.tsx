import { ServiceIcon } from "#components/access/service-icon.tsx";
import { Expires, Verified } from "#components/access/verified.tsx";
import { ListKeys } from "#components/shell/list-keys.tsx";
import { GrantStateBadge, TroubleBadge } from "#components/states/state-badges.tsx";
import { RowLink, Table, TableCell, type TableColumn, TableRow } from "#components/ui/table.tsx";
import { levelWord } from "#lib/model/access-words.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";
import type { GrantTrouble } from "#lib/model/grant-trouble.ts";
import { type GrantState, isOver } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";

/** What the table shows of a grant. */
export type GrantTableRow = {
  id: string;
  state: GrantState;
  workload: Workload;
  target: {
    accountId: string;
    accountName: string;
    service: string;
    noun: string;
    name: string;
    level: AccessLevel;
    custom?: CustomPermissions;
    subResource: string | null;
  };
  expiresAt: string | null;
  lastVerified: { at: string; ok: boolean; source: string } | null;
  /** The gravest that is wrong with it while it is active. */
  trouble: GrantTrouble | null;
};

const columns: TableColumn[] = [
  { label: "Workload", className: "w-[25%]" },
  { label: "Target", className: "w-[27%]" },
  { label: "Account" },
  { label: "State" },
  { label: "Checked" },
  { label: "Expires", align: "end" },
];

export function GrantTable({ rows, now }: { rows: readonly GrantTableRow[]; now: string }) {
  return (
    <ListKeys>
      <Table caption="Access" columns={columns}>
        {rows.map((row) => (
          <TableRow key={row.id}>
            <TableCell>
              <RowLink href={`/access/${row.id}`}>
                <span className="text-ink-muted">{row.workload.namespace}/</span>
                {row.workload.serviceAccount}
              </RowLink>
              <span className="block text-xs text-ink-muted">on {row.workload.cluster.name}</span>
            </TableCell>
            <TableCell label="Target">
              <span className="flex items-start gap-2">
                <ServiceIcon
                  service={row.target.service}
                  className="mt-[3px] hidden size-4 shrink-0 text-ink-faint sm:block"
                />
                <span className="min-w-0">
                  <span className="block">
                    {row.target.name}
                    {row.target.subResource && (
                      <span className="text-ink-muted">/{row.target.subResource}</span>
                    )}
                  </span>
                  <span className="block text-xs text-ink-muted">
                    {levelWord(row.target)} · {row.target.noun}
                  </span>
                </span>
              </span>
            </TableCell>
            <TableCell label="Account">
              <span className="block">{row.target.accountName}</span>
              <span className="hidden font-mono text-2xs text-ink-muted sm:block">
                {row.target.accountId}
              </span>
            </TableCell>
            <TableCell label="State">
              <span className="inline-flex flex-wrap gap-1">
                <GrantStateBadge state={row.state} />
                {row.trouble && <TroubleBadge trouble={row.trouble} />}
              </span>
            </TableCell>
            <TableCell label="Checked">
              {row.state === "given_up" ? (
                <span className="text-sm text-ink-faint">Nobody looks</span>
              ) : (
                <Verified last={row.lastVerified} now={now} />
              )}
            </TableCell>
            <TableCell label="Expires" align="end">
              <Expires at={row.expiresAt} now={now} ended={isOver(row.state)} />
            </TableCell>
          </TableRow>
        ))}
      </Table>
    </ListKeys>
  );
}
