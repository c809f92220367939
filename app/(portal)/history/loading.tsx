import { Card } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Skeleton, SkeletonRows } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader title="History" description="Everything that people and Drawbridge did. Times are UTC." />
      <div className="mb-3 flex flex-wrap gap-2">
        <Skeleton className="h-8 w-full rounded-md sm:w-56" />
        <Skeleton className="h-8 w-full rounded-md sm:w-48" />
        <Skeleton className="h-8 w-full rounded-md sm:w-48" />
      </div>
      <Card padded={false}>
        <SkeletonRows rows={12} label="Loading history" />
      </Card>
    </>
  );
}
