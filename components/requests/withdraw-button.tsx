"use client";

import { Undo2 } from "lucide-react";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import type { ActionResult } from "#components/requests/request-data.ts";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";

/** Takes a request back before it is decided. */
export function WithdrawButton({ onWithdraw }: { onWithdraw: () => Promise<ActionResult> }) {
  const toast = useToast();
  return (
    <ConfirmDialog
      trigger={<Button icon={<Undo2 aria-hidden="true" />}>Withdraw</Button>}
      title="Withdraw this request?"
      description="It is closed for good and nothing is provisioned. You can file a new one at any time."
      confirmLabel="Withdraw request"
      tone="danger"
      onConfirm={async () => {
        const result = await onWithdraw();
        if (!result.ok) return { ok: false, message: refusalText(result.refusals) };
        toast.success("The request is withdrawn.");
        return { ok: true };
      }}
    />
  );
}
