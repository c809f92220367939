import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { softTone, type Tone } from "#components/ui/tone.ts";

export type BadgeProps = {
  tone?: Tone | undefined;
  icon?: ReactNode;
  /** Fixed-width letters, for identifiers. */
  mono?: boolean | undefined;
  className?: string | undefined;
  children: ReactNode;
};

export function Badge({ tone = "neutral", icon, mono = false, className, children }: BadgeProps) {
  return (
    <span
      className={cn(
        "inline-flex h-5 max-w-full items-center gap-1 rounded-sm border px-1.5 align-middle text-xs font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0",
        softTone[tone],
        mono && "font-mono text-2xs",
        className,
      )}
    >
      {icon}
      <span className="truncate">{children}</span>
    </span>
  );
}
