import { Plus } from "lucide-react";
import { ListSkeleton } from "#components/skeletons/page-skeletons.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";

export default function Loading() {
  return (
    <>
      <PageHeader
        title="Requests"
        description="Who asked for what, and who still has to agree."
        actions={
          <LinkButton href="/requests/new" variant="primary" icon={<Plus aria-hidden="true" />}>
            New request
          </LinkButton>
        }
      />
      <ListSkeleton label="Loading requests" />
    </>
  );
}
