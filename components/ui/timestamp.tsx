import { cn } from "#components/ui/cn.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Largest unit first: the relative text uses the first that fits. */
const units: [size: number, one: string, many: string][] = [
  [365 * day, "year", "years"],
  [30 * day, "month", "months"],
  [day, "day", "days"],
  [hour, "hour", "hours"],
  [minute, "min", "min"],
];

/** "5 min ago", "in 3 days", "just now". */
export function relativeTime(value: Date, now: Date): string {
  const delta = value.getTime() - now.getTime();
  const distance = Math.abs(delta);
  const unit = units.find(([size]) => distance >= size);
  if (!unit) return delta > 0 ? "in less than a minute" : "just now";
  const [size, one, many] = unit;
  const count = Math.floor(distance / size);
  const text = `${count} ${count === 1 ? one : many}`;
  return delta > 0 ? `in ${text}` : `${text} ago`;
}

/** "2026-11-22 04:07 UTC": the same on the server and in the browser, whatever the locale. */
export function absoluteTime(value: Date, precision: "date" | "minute" | "second" = "minute"): string {
  const text = value.toISOString();
  if (precision === "date") return text.slice(0, 10);
  return `${text.slice(0, 10)} ${text.slice(11, precision === "second" ? 19 : 16)} UTC`;
}

export type TimestampProps = {
  value: Date | string;
  /** The moment of rendering, read once by the page: no clock is read here, so hydration never differs. */
  now: Date | string;
  /** What is visible. The other one is in the tooltip and, for `relative`, read out as well. */
  show?: "relative" | "absolute" | "both" | undefined;
  precision?: "date" | "minute" | "second" | undefined;
  className?: string | undefined;
};

export function Timestamp({
  value,
  now,
  show = "relative",
  precision = "minute",
  className,
}: TimestampProps) {
  const date = new Date(value);
  const relative = relativeTime(date, new Date(now));
  const absolute = absoluteTime(date, precision);
  return (
    <time
      dateTime={date.toISOString()}
      title={show === "absolute" ? relative : absoluteTime(date, "second")}
      className={cn("tabular-nums", show !== "both" && "whitespace-nowrap", className)}
    >
      {show === "both" ? (
        <>
          {absolute} <span className="whitespace-nowrap text-ink-faint">({relative})</span>
        </>
      ) : show === "absolute" ? (
        absolute
      ) : (
        <>
          {relative}
          <span className="sr-only">, {absolute}</span>
        </>
      )}
    </time>
  );
}
