import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { softTone, solidTone, type Tone } from "#components/ui/tone.ts";

export type StatusBadgeProps = {
  label: string;
  tone: Tone;
  /** In place of the dot. */
  icon?: ReactNode;
  /** Something is happening right now: the dot sends out a ring. */
  pulse?: boolean | undefined;
  className?: string | undefined;
};

/** The state of a request, a grant, a run or a step. The words carry the meaning, the colour helps to find it. */
export function StatusBadge({ label, tone, icon, pulse = false, className }: StatusBadgeProps) {
  return (
    <span
      className={cn(
        "inline-flex h-[1.375rem] shrink-0 items-center gap-1.5 rounded-full border pr-2 pl-1.5 align-middle text-xs font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0",
        softTone[tone],
        className,
      )}
    >
      {icon ?? (
        <span aria-hidden="true" className="relative mx-0.5 flex size-1.5">
          {pulse && <span className={cn("absolute inset-0 animate-beacon rounded-full", solidTone[tone])} />}
          <span className={cn("relative size-1.5 rounded-full", solidTone[tone])} />
        </span>
      )}
      {label}
    </span>
  );
}
