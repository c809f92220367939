import { HeaderSkeleton, SectionSkeleton } from "#components/skeletons/page-skeletons.tsx";
import { SkeletonGroup } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <SkeletonGroup label="Loading the run">
      <HeaderSkeleton breadcrumbs />
      <div className="grid gap-6">
        <SectionSkeleton rows={5} />
        <SectionSkeleton rows={5} />
      </div>
    </SkeletonGroup>
  );
}
