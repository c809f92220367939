/** Shared by Tabs and TabLinks; no client code, so that a server component can use it. */
export const tabClass =
  "flex h-9 shrink-0 items-center gap-1.5 rounded-sm px-2.5 text-base font-medium whitespace-nowrap text-ink-muted select-none hover:text-ink focus-visible:-outline-offset-2 data-active:text-ink any-pointer-coarse:h-11 [&_svg]:size-4";

export function TabCount({ count }: { count: number }) {
  return (
    <span className="min-w-5 rounded-full bg-neutral-soft px-1.5 text-center text-xs font-medium text-ink-muted tabular-nums">
      {count}
    </span>
  );
}
