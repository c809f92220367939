import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { CustomPermissionsList } from "#components/access/custom-permissions.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { levelWord } from "#lib/model/access-words.ts";
import { type ChangeableField, changedFields, type RequestKind } from "#lib/model/grant-change.ts";
import type { TargetItem } from "./targets-list.tsx";

export type GrantChangeItem = {
  grantId: string;
  kind: RequestKind;
  before: TargetItem;
  after: TargetItem;
};

const labels: Record<ChangeableField, string> = {
  level: "May",
  subResource: "Only below",
  expiresAt: "Ends",
};

/** Of a request about live access: what differs, old and new side by side. */
export function ChangeList({ change, now }: { change: GrantChangeItem; now: Date | string }) {
  const { before, after, grantId, kind } = change;
  const fields = changedFields(before, after);
  return (
    <div className="rounded-lg border border-line-strong p-3">
      <p className="text-base font-medium text-ink">
        {kind === "renew" ? "Renews " : "Changes "}
        <TextLink href={`/access/${grantId}`}>access {grantId}</TextLink>
        <span className="font-normal text-ink-muted">, which stays as it is until this is approved</span>
      </p>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1.5">
        {fields.map((field) => (
          <div key={field} className="contents">
            <dt className="text-sm text-ink-muted">{labels[field]}</dt>
            <dd className="flex flex-wrap items-baseline gap-x-2 text-base wrap-anywhere text-ink">
              <del className="text-ink-muted">
                <span className="sr-only">before: </span>
                {shown(field, before, now)}
              </del>
              <ArrowRight aria-hidden="true" className="size-3.5 shrink-0 self-center text-ink-faint" />
              <ins className="font-medium no-underline">
                <span className="sr-only">after: </span>
                {shown(field, after, now)}
              </ins>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function shown(field: ChangeableField, target: TargetItem, now: Date | string): ReactNode {
  if (field === "level")
    return target.custom ? <CustomPermissionsList custom={target.custom} /> : levelWord(target);
  if (field === "subResource")
    return target.subResource === null ? "nothing: all of it" : <code>{target.subResource}</code>;
  return target.expiresAt === null ? (
    "when it is revoked"
  ) : (
    <Timestamp value={target.expiresAt} now={now} show="both" />
  );
}
