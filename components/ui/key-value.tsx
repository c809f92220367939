import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type KeyValueItem = { label: string; value: ReactNode; mono?: boolean | undefined };

export type KeyValueListProps = {
  items: KeyValueItem[];
  /** `rows` puts the label beside the value where there is room, `stacked` above it. */
  layout?: "rows" | "stacked" | undefined;
  className?: string | undefined;
};

export function KeyValueList({ items, layout = "rows", className }: KeyValueListProps) {
  return (
    <div className={cn("@container", className)}>
      <dl
        className={cn(
          layout === "rows"
            ? "divide-y divide-line"
            : "grid gap-x-6 gap-y-4 @md:grid-cols-2 @3xl:grid-cols-4",
        )}
      >
        {items.map((item) => (
          <div
            key={item.label}
            className={cn(
              "min-w-0",
              layout === "rows" &&
                "gap-4 py-2 first:pt-0 last:pb-0 @sm:grid @sm:grid-cols-[minmax(7rem,11rem)_1fr]",
            )}
          >
            <dt className="text-sm text-ink-muted">{item.label}</dt>
            <dd className={cn("min-w-0 text-base wrap-anywhere text-ink", item.mono && "font-mono text-sm")}>
              {item.value}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
