import { Card } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Skeleton, SkeletonGroup } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader title="Clusters" description="Where workloads run, and who owns their namespaces." />
      <SkeletonGroup label="Loading clusters" className="space-y-4">
        {["a", "b", "c"].map((key) => (
          <Card key={key}>
            <Skeleton className="h-48 w-full" />
          </Card>
        ))}
      </SkeletonGroup>
    </>
  );
}
