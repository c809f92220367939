import { Avatar } from "#components/ui/avatar.tsx";
import type { PreviewApproval } from "./types.ts";

/** Who must agree, why, and who that can be. */
export function PreviewApprovals({ approvals }: { approvals: readonly PreviewApproval[] }) {
  return (
    <ul className="divide-y divide-line overflow-clip rounded-md border border-line">
      {approvals.map(({ id, group, reason, candidates, adminDecides }) => (
        <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5 px-3 py-2">
          <div className="min-w-0">
            <p className="text-sm font-medium wrap-anywhere text-ink">{group || "An admin"}</p>
            <p className="text-xs wrap-anywhere text-ink-muted">{reason}</p>
          </div>
          {adminDecides ? (
            <p className="text-xs text-ink-muted">Nobody else is in it: an admin decides</p>
          ) : (
            <ul className="flex flex-wrap items-center gap-x-3 gap-y-1">
              {candidates.map((person) => (
                <li key={person.id} className="flex items-center gap-1.5 text-xs text-ink-muted">
                  <Avatar name={person.name} size="sm" />
                  {person.name}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
