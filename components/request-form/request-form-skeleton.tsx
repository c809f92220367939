import { Card } from "#components/ui/card.tsx";
import { Skeleton, SkeletonGroup } from "#components/ui/skeleton.tsx";

/** The page while its options are read, with the form's own measures. */
export function RequestFormSkeleton() {
  return (
    <SkeletonGroup label="Loading the form">
      <div className="mb-6">
        <Skeleton className="h-7 w-40" />
        <Skeleton className="mt-2.5 w-80 max-w-full" />
      </div>
      <div className="flex flex-col gap-6 xl:grid xl:grid-cols-[minmax(0,29rem)_minmax(0,1fr)] xl:items-start">
        <div className="grid gap-4">
          <Card className="h-64">
            <Fields rows={2} />
          </Card>
          <Card className="h-128">
            <Fields rows={4} />
          </Card>
        </div>
        <Card className="h-96 max-xl:hidden">
          <Fields rows={3} />
        </Card>
      </div>
    </SkeletonGroup>
  );
}

function Fields({ rows }: { rows: number }) {
  return (
    <div className="grid gap-6">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders have no other identity.
        <div key={index} className="grid gap-2">
          <Skeleton className="w-24" />
          <Skeleton className="h-8 rounded-md" />
        </div>
      ))}
    </div>
  );
}
