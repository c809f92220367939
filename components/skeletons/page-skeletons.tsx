import { Card } from "#components/ui/card.tsx";
import { cn } from "#components/ui/cn.ts";
import { Skeleton, SkeletonGroup } from "#components/ui/skeleton.tsx";

/** The height of PageHeader with one line of title and one below it. */
export function HeaderSkeleton({ breadcrumbs = false }: { breadcrumbs?: boolean }) {
  return (
    <div className="mb-6">
      {breadcrumbs && <Skeleton className="mb-2 h-6 w-24" />}
      <Skeleton className="h-7 w-64 max-w-full" />
      <Skeleton className="mt-1.5 h-5.5 w-80 max-w-full" />
    </div>
  );
}

function Rows({ rows }: { rows: number }) {
  return (
    <div className="divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders have no other identity.
        <div key={index} className="flex h-12 items-center gap-4 px-4 sm:px-5">
          <Skeleton className="h-3.5 w-2/5" />
          <Skeleton className="h-3.5 w-1/5" />
          <Skeleton className="ml-auto h-3.5 w-16" />
        </div>
      ))}
    </div>
  );
}

/** A titled card. */
export function SectionSkeleton({ className, rows = 3 }: { className?: string; rows?: number }) {
  return (
    <Card padded={false} className={className ?? ""}>
      <div className="flex min-h-12 items-center border-b border-line px-4 sm:px-5">
        <Skeleton className="h-4 w-32" />
      </div>
      <Rows rows={rows} />
    </Card>
  );
}

/** Tabs and a table. */
export function ListSkeleton({ label }: { label: string }) {
  return (
    <SkeletonGroup label={label}>
      <div className="flex h-[2.3125rem] items-center gap-5 border-b border-line any-pointer-coarse:h-[2.8125rem]">
        {["w-14", "w-24", "w-12", "w-10"].map((width) => (
          <Skeleton key={width} className={cn("h-4", width)} />
        ))}
      </div>
      <Card padded={false} className="mt-4">
        <Rows rows={8} />
      </Card>
    </SkeletonGroup>
  );
}
