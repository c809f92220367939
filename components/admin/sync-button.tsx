"use client";

import { RefreshCw } from "lucide-react";
import { useTransition } from "react";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type SyncButtonProps = {
  /** A server action. */
  sync: () => Promise<Outcome<unknown>>;
};

/** Asks the worker to read the account now; the page shows by itself what it finds. */
export function SyncButton({ sync }: SyncButtonProps) {
  const [pending, startTransition] = useTransition();
  const toast = useToast();
  return (
    <Button
      icon={<RefreshCw aria-hidden="true" />}
      pending={pending}
      onClick={() =>
        startTransition(async () => {
          const outcome = await sync();
          if (!outcome.ok)
            toast.error({ title: "The account is not read now", body: refusalText(outcome.refusals) });
        })
      }
    >
      Sync now
    </Button>
  );
}
