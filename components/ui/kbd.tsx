import { cn } from "#components/ui/cn.ts";

/** A key or a sequence such as `g r`: each key gets a cap of its own. */
export function Kbd({ keys, className }: { keys: string; className?: string | undefined }) {
  return (
    <span className={cn("inline-flex items-center gap-0.5", className)}>
      {keys.split(" ").map((key, index) => (
        <kbd
          // biome-ignore lint/suspicious/noArrayIndexKey: a sequence may hold the same key twice, and never reorders.
          key={`${key}-${index}`}
          className="inline-flex h-[1.125rem] min-w-[1.125rem] items-center justify-center rounded-sm border border-line-strong bg-sunken px-1 font-sans text-2xs font-medium text-ink-muted"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
