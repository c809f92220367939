"use client";

import { RotateCcw } from "lucide-react";
import { useRouter } from "next/navigation";
import { startTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { ErrorState } from "#components/ui/error-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";

export type PageErrorProps = { error: Error & { digest?: string }; reset: () => void };

/** What a page shows when it could not be made. The reason is in the server's log, under the reference. */
export function PageError({ error, reset }: PageErrorProps) {
  const router = useRouter();
  return (
    <ErrorState
      headingLevel={1}
      thing="This page could not be loaded"
      reason="Something failed on our side. Nothing was changed by it."
      nextStep="Try again in a moment. If it stays so, tell whoever runs Drawbridge, with the reference."
      reference={error.digest}
      action={
        <>
          <Button
            variant="primary"
            icon={<RotateCcw aria-hidden="true" />}
            onClick={() =>
              startTransition(() => {
                router.refresh();
                reset();
              })
            }
          >
            Try again
          </Button>
          <LinkButton href="/">Go home</LinkButton>
        </>
      }
    />
  );
}
