import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { softTone, type Tone } from "#components/ui/tone.ts";

export type TimelineItem = {
  id: string;
  actor: ReactNode;
  /** "approved version 2", "asked for changes". */
  verb: ReactNode;
  /** A Timestamp. */
  time: ReactNode;
  icon?: ReactNode;
  tone?: Tone | undefined;
  /** A comment or details, in a box of its own. */
  body?: ReactNode;
};

/** What happened, oldest first unless the caller turns it round. */
export function Timeline({ label, items }: { label: string; items: readonly TimelineItem[] }) {
  return (
    <ol aria-label={label} className="min-w-0">
      {items.map((item, index) => (
        <li key={item.id} className="relative flex min-w-0 gap-3 pb-5 last:pb-0">
          {index < items.length - 1 && (
            <span
              aria-hidden="true"
              className="absolute top-7 bottom-0 left-[0.8125rem] w-px bg-line-strong"
            />
          )}
          <span
            aria-hidden="true"
            className={cn(
              "grid size-[1.6875rem] shrink-0 place-items-center rounded-full border [&_svg]:size-3.5",
              softTone[item.tone ?? "neutral"],
            )}
          >
            {item.icon ?? <span className="size-1.5 rounded-full bg-current" />}
          </span>
          <div className="min-w-0 flex-1 pt-0.5">
            <p className="text-base wrap-anywhere text-ink-muted">
              <span className="font-medium text-ink">{item.actor}</span> {item.verb}{" "}
              <span className="text-sm text-ink-faint">· {item.time}</span>
            </p>
            {item.body && (
              <div className="mt-2 rounded-md border border-line bg-surface px-3 py-2 text-base wrap-anywhere text-ink">
                {item.body}
              </div>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
