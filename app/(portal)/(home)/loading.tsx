import { HeaderSkeleton, SectionSkeleton } from "#components/skeletons/page-skeletons.tsx";
import { SkeletonGroup } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <SkeletonGroup label="Loading">
      <HeaderSkeleton />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="grid gap-6">
          <SectionSkeleton />
          <SectionSkeleton />
        </div>
        <div className="grid gap-6">
          <SectionSkeleton rows={2} />
          <SectionSkeleton rows={2} />
        </div>
      </div>
    </SkeletonGroup>
  );
}
