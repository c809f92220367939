import { cn } from "#components/ui/cn.ts";
import type { Tone } from "#components/ui/tone.ts";

const fills: Record<Tone, string> = {
  neutral: "fill-neutral-solid",
  info: "fill-info-solid",
  success: "fill-success-solid",
  warn: "fill-warn-solid",
  danger: "fill-danger-solid",
  accent: "fill-accent",
};

export type ProgressProps = {
  label: string;
  value: number;
  max: number;
  tone?: Tone | undefined;
  /** Shows the label and "3 of 8" above the bar. */
  showLabel?: boolean | undefined;
  className?: string | undefined;
};

/** The bar is an SVG: its width is an attribute, which a strict Content-Security-Policy allows. */
export function Progress({ label, value, max, tone = "accent", showLabel = true, className }: ProgressProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div className={className}>
      {showLabel && (
        <div aria-hidden="true" className="mb-1.5 flex justify-between gap-3 text-sm text-ink-muted">
          <span className="truncate">{label}</span>
          <span className="shrink-0 tabular-nums">
            {value} of {max}
          </span>
        </div>
      )}
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={value}
        aria-valuetext={`${value} of ${max}`}
        className="h-1.5 overflow-hidden rounded-full bg-line-strong"
      >
        <svg aria-hidden="true" className="block size-full" preserveAspectRatio="none" viewBox="0 0 100 1">
          <rect
            className={cn("transition-[width] duration-300", fills[tone])}
            width={share * 100}
            height="1"
          />
        </svg>
      </div>
    </div>
  );
}
