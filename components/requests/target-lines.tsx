import { ArrowRight } from "lucide-react";
import { CustomPermissionsList } from "#components/access/custom-permissions.tsx";
import type { TargetItem } from "#components/requests/targets-list.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { levelWord } from "#lib/model/access-words.ts";
import type { Workload } from "#lib/model/workload.ts";

export type TargetLinesProps = {
  /** Left out where it stands above. */
  workload?: Workload | undefined;
  targets: readonly TargetItem[];
  now: string;
};

/** Who gets what, where and until when: a line for each target. */
export function TargetLines({ workload, targets, now }: TargetLinesProps) {
  return (
    <ul className="grid gap-1.5">
      {targets.map((target) => (
        <li key={target.grantId} className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-base">
          {workload && (
            <>
              <span className="font-medium wrap-anywhere text-ink">
                {workload.namespace}/{workload.serviceAccount}
              </span>
              <span className="text-ink-muted">on {workload.cluster.name}</span>
            </>
          )}
          <ArrowRight aria-label="gets to" className="size-4 shrink-0 text-ink-faint" />
          <span className="text-ink">{levelWord(target)}</span>
          <span className="font-medium wrap-anywhere text-ink">
            {target.name}
            {target.subResource && `/${target.subResource}`}
          </span>
          <span className="text-ink-muted">
            in {target.accountName},{" "}
            {target.expiresAt === null ? (
              "until it is revoked"
            ) : (
              <>
                until <Timestamp value={target.expiresAt} now={now} show="absolute" />
              </>
            )}
          </span>
          {target.custom && (
            <div className="basis-full pl-6">
              <CustomPermissionsList custom={target.custom} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
