"use client";

import { RotateCcw } from "lucide-react";
import { useState, useTransition } from "react";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import type { ActionResult } from "#components/requests/request-data.ts";
import { Button } from "#components/ui/button.tsx";
import type { Refusal } from "#lib/model/refusal.ts";

/** Starts a failed run once more; every step looks at AWS first, so what is done already stays done. */
export function RetryButton({ onRetry }: { onRetry: () => Promise<ActionResult> }) {
  const [pending, startTransition] = useTransition();
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  return (
    <>
      <Button
        icon={<RotateCcw aria-hidden="true" />}
        pending={pending}
        onClick={() =>
          startTransition(async () => {
            const result = await onRetry();
            setRefusals(result.ok ? [] : result.refusals);
          })
        }
      >
        Retry
      </Button>
      <RefusalList title="The run was not started again" refusals={refusals} className="w-full" />
    </>
  );
}
