"use client";

import { useRouter } from "next/navigation";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

/** Undoes a failed change: what was there before was approved, so nobody has to approve it again. */
export function RollBackButton({ rollBack }: { rollBack: () => Promise<Outcome<{ runId: string }>> }) {
  const router = useRouter();
  const toast = useToast();
  return (
    <ConfirmDialog
      trigger={<Button size="sm">Roll back</Button>}
      title="Roll this change back?"
      confirmLabel="Roll back"
      cancelLabel="Keep the change"
      description="The access gets the form that it had before, as it was approved then. To change it again, someone has to ask again and the owners approve again."
      onConfirm={async () => {
        const outcome = await rollBack();
        if (!outcome.ok) return { ok: false, message: refusalText(outcome.refusals) };
        const { runId } = outcome.value;
        toast.success({
          title: "Rolling back",
          body: "The access gets the form that it had before.",
          action: { label: "Follow the run", onSelect: () => router.push(`/runs/${runId}`) },
        });
        return { ok: true };
      }}
    />
  );
}
