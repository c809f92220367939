import { cn } from "#components/ui/cn.ts";

/**
 * The mark: a gate tower, the bridge on its way down to the far bank, and the chain that holds it; tower and chain
 * make a D. `currentColor` draws the stone, the accent the bridge.
 */
export function LogoMark({ className }: { className?: string | undefined }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden="true" className={cn("size-6", className)}>
      <path d="M2 21V3.5h2.1v2.1h1.8V3.5H8V21z" fill="currentColor" />
      <path d="M17.5 21v-1.9H22V21z" fill="currentColor" />
      <path d="M7.5 6.7Q15.6 8.8 18.4 14.8" stroke="currentColor" strokeWidth="1.5" />
      <path d="M8 19.4 20.6 14.9" className="stroke-accent" strokeWidth="3.1" />
    </svg>
  );
}

export function Logo({ className }: { className?: string | undefined }) {
  return (
    <span className={cn("inline-flex items-center gap-2 text-ink", className)}>
      <LogoMark />
      <span className="text-[0.9375rem] font-semibold tracking-[-0.02em]">Drawbridge</span>
    </span>
  );
}
