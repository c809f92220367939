import { Circle, CircleCheck } from "lucide-react";
import { Avatar } from "#components/ui/avatar.tsx";

export type ApprovalItem = {
  id: string;
  group: string;
  reason: string;
  adminDecides: boolean;
  /** Asked for by the risk: only an admin speaks for it. */
  admin?: true | undefined;
  approvedBy: { name: string } | null;
  candidates: readonly { id: string; name: string }[];
};

export type ApprovalListProps = {
  approvals: readonly ApprovalItem[];
  /** Ids of the requirements that the reader's approval would satisfy. */
  yours?: readonly string[] | undefined;
  /** Not decided yet: what is missing says who can give it. */
  open?: boolean | undefined;
};

/** Who must approve and why, who has, and who can. */
export function ApprovalList({ approvals, yours = [], open = true }: ApprovalListProps) {
  return (
    <ul className="divide-y divide-line">
      {approvals.map((approval) => (
        <li key={approval.id} className="flex gap-2.5 py-3 first:pt-0 last:pb-0">
          {approval.approvedBy ? (
            <CircleCheck aria-hidden="true" className="mt-[3px] size-4 shrink-0 text-success-ink" />
          ) : (
            <Circle aria-hidden="true" className="mt-[3px] size-4 shrink-0 text-ink-faint" />
          )}
          <div className="min-w-0 flex-1">
            <p className="text-base font-medium wrap-anywhere text-ink">
              {approval.admin ? "An admin" : approval.group || "No owner group"}
              {yours.includes(approval.id) && !approval.approvedBy && (
                <span className="font-normal text-accent-ink"> (you can)</span>
              )}
            </p>
            <p className="text-sm wrap-anywhere text-ink-muted">{approval.reason}</p>
            <Standing approval={approval} open={open} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Standing({ approval, open }: { approval: ApprovalItem; open: boolean }) {
  if (approval.approvedBy)
    return <p className="mt-1 text-sm text-success-ink">Approved by {approval.approvedBy.name}</p>;
  if (!open) return null;
  return (
    <div className="mt-1.5 text-sm text-ink-muted">
      {approval.adminDecides && !approval.admin && <p>Nobody else is in this group, so an admin decides.</p>}
      {approval.candidates.length === 0 ? (
        <p className="text-warn-ink">
          Nobody can approve this yet. An admin can add someone to the group at the identity provider.
        </p>
      ) : (
        <ul aria-label="Who can approve" className="mt-1 flex flex-wrap gap-x-3 gap-y-1">
          {approval.candidates.map((person) => (
            <li key={person.id} className="flex items-center gap-1.5">
              <Avatar name={person.name} size="sm" />
              {person.name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
