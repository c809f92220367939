import { cn } from "#components/ui/cn.ts";

/** Stands in for what is loading, at its size, so that nothing moves when it arrives. */
export function Skeleton({ className }: { className?: string | undefined }) {
  return <span aria-hidden="true" className={cn("block h-4 skeleton rounded-sm", className)} />;
}

/** Says once, to a screen reader, that a part of the page is loading. Wrap its skeletons in it. */
export function SkeletonGroup({
  label,
  className,
  children,
}: {
  label: string;
  className?: string | undefined;
  children: React.ReactNode;
}) {
  return (
    <div role="status" className={className}>
      <span className="sr-only">{label}</span>
      {children}
    </div>
  );
}

/** Rows of a table or a list that is on its way. */
export function SkeletonRows({
  rows = 5,
  label = "Loading",
}: {
  rows?: number | undefined;
  label?: string | undefined;
}) {
  return (
    <SkeletonGroup label={label} className="divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders have no other identity.
        <div key={index} className="flex h-12 items-center gap-4 px-4 sm:px-5">
          <Skeleton className="h-3.5 w-2/5" />
          <Skeleton className="h-3.5 w-1/5" />
          <Skeleton className="ml-auto h-3.5 w-16" />
        </div>
      ))}
    </SkeletonGroup>
  );
}
