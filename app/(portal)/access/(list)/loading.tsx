import { Card } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Skeleton, SkeletonRows } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader title="Access" description="What workloads may reach in AWS, and whether it works." />
      <div className="flex h-9 items-center gap-6 border-b border-line px-2.5">
        <Skeleton className="h-3.5 w-8" />
        <Skeleton className="h-3.5 w-8" />
        <Skeleton className="h-3.5 w-6" />
      </div>
      <div className="mt-4 mb-3 flex flex-wrap gap-2">
        <Skeleton className="h-8 w-full rounded-md sm:w-80" />
        <Skeleton className="h-8 w-full rounded-md sm:w-48" />
      </div>
      <Card padded={false}>
        <SkeletonRows rows={8} label="Loading access" />
      </Card>
    </>
  );
}
