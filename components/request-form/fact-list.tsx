import { cn } from "#components/ui/cn.ts";
import { solidTone, type Tone } from "#components/ui/tone.ts";
import type { Fact } from "#lib/desired/patterns/pattern.ts";

const tones: Record<Fact["tone"], Tone> = { good: "success", neutral: "neutral", bad: "warn" };
const words: Record<Fact["tone"], string> = { good: "For it", neutral: "Neutral", bad: "Against it" };

/** What speaks for and against a pattern, each with its value. */
export function FactList({ facts, className }: { facts: readonly Fact[]; className?: string }) {
  return (
    <dl className={cn("@container grid gap-1 text-xs", className)}>
      {facts.map(({ label, value, tone }) => (
        <div key={label} className="grid gap-x-3 @2xs:grid-cols-[8rem_1fr] @md:grid-cols-[11rem_1fr]">
          <dt className="flex items-baseline gap-2 text-ink-muted">
            <span
              aria-hidden="true"
              className={cn("size-1.5 shrink-0 -translate-y-px rounded-full", solidTone[tones[tone]])}
            />
            <span className="sr-only">{words[tone]}: </span>
            {label}
          </dt>
          <dd className="pl-3.5 text-ink @2xs:pl-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
