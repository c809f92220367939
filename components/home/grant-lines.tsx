import type { ReactNode } from "react";
import { Link } from "#components/ui/link.tsx";

export type GrantLine = {
  id: string;
  workload: { namespace: string; serviceAccount: string; cluster: { name: string } };
  target: { name: string; accountName: string };
};

export type GrantLinesProps<Row extends GrantLine> = {
  label: string;
  rows: readonly Row[];
  /** At the end of each line: why it stands here. */
  aside: (row: Row) => ReactNode;
  /** What to do about it, beside the link. */
  action?: ((row: Row) => ReactNode) | undefined;
};

/** Grants in a narrow list, each a link to its page. */
export function GrantLines<Row extends GrantLine>({ label, rows, aside, action }: GrantLinesProps<Row>) {
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {rows.map((row) => (
        <li key={row.id} className="flex items-center">
          <Link
            href={`/access/${row.id}`}
            className="flex min-w-0 flex-1 items-center gap-3 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2 sm:px-5"
          >
            <span className="min-w-0 flex-1">
              <span className="block font-medium wrap-anywhere text-ink">
                {row.workload.namespace}/{row.workload.serviceAccount}
              </span>
              <span className="block text-sm wrap-anywhere text-ink-muted">
                {row.target.name} in {row.target.accountName}
              </span>
            </span>
            <span className="shrink-0 text-sm">{aside(row)}</span>
          </Link>
          {action && <span className="shrink-0 pr-4 sm:pr-5">{action(row)}</span>}
        </li>
      ))}
    </ul>
  );
}
