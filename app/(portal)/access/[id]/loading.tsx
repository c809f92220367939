import { Card, Section } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Skeleton, SkeletonGroup } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <SkeletonGroup label="Loading access">
      <PageHeader
        breadcrumbs={[{ label: "Access", href: "/access" }]}
        title={<Skeleton className="h-7 w-72 max-w-full" />}
        meta={<Skeleton className="h-5 w-56" />}
      />
      <div className="space-y-6">
        <Card>
          <Skeleton className="h-40 w-full lg:h-28" />
        </Card>
        <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_19rem]">
          <Section title="Connect your workload">
            <Skeleton className="h-96 w-full" />
          </Section>
          <Section title="Facts">
            <Skeleton className="h-96 w-full" />
          </Section>
        </div>
      </div>
    </SkeletonGroup>
  );
}
