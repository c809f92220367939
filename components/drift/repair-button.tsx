"use client";

import { Wrench } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type RepairButtonProps = {
  /** A server action. */
  repair: () => Promise<Outcome<{ runId: string }>>;
};

/** Puts back what was approved, at once: the plan stands beside it, and nothing in it is new. */
export function RepairButton({ repair }: RepairButtonProps) {
  const [pending, startTransition] = useTransition();
  const router = useRouter();
  const toast = useToast();
  return (
    <Button
      size="sm"
      variant="primary"
      icon={<Wrench aria-hidden="true" />}
      pending={pending}
      onClick={() =>
        startTransition(async () => {
          const outcome = await repair();
          if (!outcome.ok) {
            toast.error({ title: "It is not repaired", body: refusalText(outcome.refusals) });
            return;
          }
          const { runId } = outcome.value;
          toast.success({
            title: "Repairing",
            body: "What was approved is put back in both accounts.",
            action: { label: "Follow the run", onSelect: () => router.push(`/runs/${runId}`) },
          });
        })
      }
    >
      Repair
    </Button>
  );
}
