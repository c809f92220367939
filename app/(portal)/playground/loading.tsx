import { Card } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader
        title="Playground"
        description="Paste policies and a request: what AWS would decide, why, and what is wrong with each policy."
      />
      <Card padded={false}>
        <SkeletonRows rows={10} label="Loading the playground" />
      </Card>
    </>
  );
}
