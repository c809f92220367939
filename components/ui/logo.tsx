import { cn } from "#components/ui/cn.ts";

/**
 * The mark: a gate tower, the bridge on its way down to the far bank, and the chain that holds it. Its two colours
 * come from the theme; `currentColor` draws the stone.
 */
export function LogoMark({ className }: { className?: string | undefined }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden="true" className={cn("size-6", className)}>
      <path d="M3 21V4.5h1.7v1.6h1.6V4.5H8V21z" fill="currentColor" />
      <path d="M18.5 18.5H22V21h-3.5z" fill="currentColor" />
      <path d="M8 6.4 18.4 12" stroke="currentColor" strokeWidth="1.1" strokeLinecap="round" />
      <path d="M8 19.1 19.6 12.4" className="stroke-accent" strokeWidth="3.1" strokeLinecap="butt" />
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
