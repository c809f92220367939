import { SearchX } from "lucide-react";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";

/** Also for what exists but may not be seen: the two must not be told apart. */
export default function NotFound() {
  return (
    <Card padded={false}>
      <h1 className="sr-only">Not found</h1>
      <EmptyState
        icon={<SearchX />}
        title="There is no such page, or you may not see it"
        body="Requests, runs and access are seen by those who asked, by the owners of the accounts and namespaces concerned, by admins and by auditors."
        action={
          <>
            <LinkButton href="/">Go home</LinkButton>
            <LinkButton href="/requests">See requests</LinkButton>
          </>
        }
      />
    </Card>
  );
}
