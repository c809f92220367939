"use client";

import { LeftList, type LeftThing } from "#components/access/left-list.tsx";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type GiveUpButtonProps = {
  /** What may be left in AWS; empty: it is not known. */
  left: readonly LeftThing[];
  /** What has to be typed: the accounts that it is in. */
  confirmation: string;
  /** A server action. */
  giveUp: (reason: string, confirmation: string) => Promise<Outcome<unknown>>;
};

/** Ends the attempts of a revocation that can't come to its end. */
export function GiveUpButton({ left, confirmation, giveUp }: GiveUpButtonProps) {
  const toast = useToast();
  return (
    <ConfirmDialog
      trigger={<Button variant="danger-outline">Give up</Button>}
      title="Give this revocation up?"
      tone="danger"
      confirmLabel="Give up"
      cancelLabel="Keep trying"
      description="For an account that was closed for good. Drawbridge stops trying, and the service account is free for other access. What is left may still let the workload in: nobody looks after it any more."
      typed={{ name: confirmation, why: "Something of the access may be left there." }}
      reason={{
        label: "Reason",
        hint: "It stands in history and on the access.",
        placeholder: "The account was closed, ticket OPS-1234",
        required: true,
      }}
      onConfirm={async (reason, typed) => {
        const outcome = await giveUp(reason, typed);
        if (!outcome.ok) return { ok: false, message: refusalText(outcome.refusals) };
        toast.success({ title: "Given up", body: "What may be left of it stands on the access." });
        return { ok: true };
      }}
    >
      <LeftList left={left} />
    </ConfirmDialog>
  );
}
