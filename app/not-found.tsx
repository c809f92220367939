import type { Metadata } from "next";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { LogoMark } from "#components/ui/logo.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center px-4">
      <h1 className="sr-only">Not found</h1>
      <EmptyState
        icon={<LogoMark />}
        title="There is no such page"
        body="The address may be mistyped, or the page was moved."
        action={
          <LinkButton href="/" variant="primary">
            Go home
          </LinkButton>
        }
      />
    </main>
  );
}
