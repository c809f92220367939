import { ServiceIcon } from "#components/access/service-icon.tsx";
import { GrantStateBadge } from "#components/states/state-badges.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { levelWord } from "#lib/model/access-words.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";
import type { GrantState } from "#lib/model/states.ts";

export type Sibling = {
  id: string;
  state: GrantState;
  target: {
    name: string;
    service: string;
    level: AccessLevel;
    custom?: CustomPermissions;
    accountName: string;
  };
};

/** What else the workload may reach with the same identity. */
export function Siblings({ rows }: { rows: readonly Sibling[] }) {
  return (
    <ul className="divide-y divide-line">
      {rows.map((row) => (
        <li key={row.id} className="flex items-start gap-2.5 px-4 py-2.5 sm:px-5">
          <ServiceIcon service={row.target.service} className="mt-[3px] size-4 shrink-0 text-ink-faint" />
          <span className="min-w-0 flex-1">
            <TextLink href={`/access/${row.id}`} className="wrap-anywhere">
              {row.target.name}
            </TextLink>
            <span className="block text-xs wrap-anywhere text-ink-muted">
              {levelWord(row.target)} · {row.target.accountName}
            </span>
          </span>
          <GrantStateBadge state={row.state} />
        </li>
      ))}
    </ul>
  );
}
