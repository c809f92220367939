import { Card } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader
        title="Accounts"
        description="The AWS accounts that Drawbridge may work in, and who approves for them."
      />
      <Card padded={false}>
        <SkeletonRows rows={5} label="Loading accounts" />
      </Card>
    </>
  );
}
