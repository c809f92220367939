"use client";

import { useRouter } from "next/navigation";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

/** A server action. */
type RollBack = (reason: string) => Promise<Outcome<{ runId: string }>>;

/** Undoes a first provisioning that failed: no review, since it only narrows. */
export function RollBackRunButton({ rollBack }: { rollBack: RollBack }) {
  const router = useRouter();
  const toast = useToast();
  return (
    <ConfirmDialog
      trigger={<Button variant="danger-outline">Roll back</Button>}
      title="Roll back what this run has made?"
      tone="danger"
      confirmLabel="Roll back"
      cancelLabel="Keep it"
      description="All access of this run is revoked, and both accounts become as they were before it. To get it, someone has to ask again and the owners approve again."
      reason={{
        label: "Reason",
        hint: "It stands in history and in the request.",
        placeholder: "We choose another account",
        required: true,
      }}
      onConfirm={async (reason) => {
        const outcome = await rollBack(reason);
        if (!outcome.ok) return { ok: false, message: refusalText(outcome.refusals) };
        const { runId } = outcome.value;
        toast.success({
          title: "Rolling back",
          body: "What the run has made is being taken away.",
          action: { label: "Follow the run", onSelect: () => router.push(`/runs/${runId}`) },
        });
        return { ok: true };
      }}
    />
  );
}
