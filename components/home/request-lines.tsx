import { RiskBadge } from "#components/risk/risk-badge.tsx";
import { ListKeys } from "#components/shell/list-keys.tsx";
import { RequestStateBadge } from "#components/states/state-badges.tsx";
import { Link } from "#components/ui/link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { RiskLevel } from "#lib/model/risk.ts";
import type { RequestState } from "#lib/model/states.ts";

export type RequestLine = {
  id: string;
  number: number;
  title: string;
  state: RequestState;
  requester: { name: string };
  createdAt: string;
  risk: RiskLevel;
  approvals: { satisfied: number; required: number };
};

export type RequestLinesProps = {
  label: string;
  rows: readonly RequestLine[];
  /** The moment of rendering. */
  now: Date | string;
  /** Whose they are is left out where they are all one's own. */
  own?: boolean | undefined;
  /** j and k move through this list: for one list of a page. */
  keys?: boolean | undefined;
};

/** Requests in a list, each a link to its page. */
export function RequestLines({ label, rows, now, own = false, keys = false }: RequestLinesProps) {
  const list = (
    <ul aria-label={label} className="divide-y divide-line">
      {rows.map((row) => (
        <li key={row.id}>
          <Link
            href={`/requests/${row.number}`}
            data-row-link=""
            className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2 sm:px-5"
          >
            <span className="min-w-0 flex-1 basis-52">
              <span className="block font-medium wrap-anywhere text-ink">{row.title}</span>
              <span className="block text-sm text-ink-muted">
                #{row.number}
                {!own && ` by ${row.requester.name}`} · <Timestamp value={row.createdAt} now={now} />
              </span>
            </span>
            <span className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1">
              {row.state === "in_review" && <RiskBadge level={row.risk} />}
              {row.state === "in_review" && (
                <span className="text-sm text-ink-muted tabular-nums">
                  {row.approvals.satisfied} of {row.approvals.required} approved
                </span>
              )}
              {(own || row.state !== "in_review") && <RequestStateBadge state={row.state} />}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
  return keys ? <ListKeys>{list}</ListKeys> : list;
}
