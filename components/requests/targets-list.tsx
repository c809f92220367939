import { CustomPermissionsList } from "#components/access/custom-permissions.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Copyable } from "#components/ui/copyable.tsx";
import { KeyValueList } from "#components/ui/key-value.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { levelWord } from "#lib/model/access-words.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";

export type TargetItem = {
  grantId: string;
  arn: string;
  accountId: string;
  accountName: string;
  noun: string;
  name: string;
  level: AccessLevel;
  custom?: CustomPermissions;
  levelMeans: string;
  subResource: string | null;
  patternTitle: string;
  expiresAt: string | null;
};

/** What is asked for, target by target. */
export function TargetsList({ targets, now }: { targets: readonly TargetItem[]; now: Date | string }) {
  return (
    <ul className="divide-y divide-line">
      {targets.map((target) => (
        <li key={target.grantId} className="py-4 first:pt-0 last:pb-0">
          <p className="mb-2 flex flex-wrap items-center gap-2 text-base">
            <span className="font-medium wrap-anywhere text-ink">{target.name}</span>
            <Badge tone="accent">{levelWord(target)}</Badge>
          </p>
          <KeyValueList
            items={[
              {
                label: "Allows",
                value: target.custom ? <CustomPermissionsList custom={target.custom} /> : target.levelMeans,
              },
              { label: "Resource", value: <Copyable text={target.arn} what={`ARN of the ${target.noun}`} /> },
              ...(target.subResource === null
                ? []
                : [{ label: "Only below", value: target.subResource, mono: true }]),
              {
                label: "Account",
                value: (
                  <>
                    {target.accountName}{" "}
                    <span className="font-mono text-sm text-ink-muted">{target.accountId}</span>
                  </>
                ),
              },
              { label: "Pattern", value: target.patternTitle },
              {
                label: "Until",
                value:
                  target.expiresAt === null ? (
                    "It is revoked"
                  ) : (
                    <Timestamp value={target.expiresAt} now={now} show="both" />
                  ),
              },
            ]}
          />
        </li>
      ))}
    </ul>
  );
}
