import { HeaderSkeleton, SectionSkeleton } from "#components/skeletons/page-skeletons.tsx";
import { Skeleton, SkeletonGroup } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <SkeletonGroup label="Loading the request">
      <HeaderSkeleton breadcrumbs />
      <div className="mb-6 flex h-[2.3125rem] items-center border-b border-line any-pointer-coarse:h-[2.8125rem]">
        <Skeleton className="h-4 w-72 max-w-full" />
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_18.5rem]">
        <div className="grid gap-6">
          <SectionSkeleton rows={4} />
          <SectionSkeleton rows={3} />
          <SectionSkeleton rows={5} />
        </div>
        <div className="grid gap-6">
          <SectionSkeleton rows={3} />
          <SectionSkeleton rows={2} />
        </div>
      </div>
    </SkeletonGroup>
  );
}
