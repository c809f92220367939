"use client";

import { useRouter } from "next/navigation";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

type Consequences = {
  goes: readonly { accountName: string; what: readonly string[] }[];
  stays: readonly { what: string; why: string }[];
};

export type RevokeButtonProps = {
  /** "payments/orders-api" */
  workload: string;
  /** "the bucket acme-lake/exports" */
  target: string;
  /** Where it is. */
  account: string;
  /** What goes and what stays; null: not known. */
  consequences: Consequences | null;
  /** How many other grants the workload keeps. */
  others: number;
  /** A server action. */
  revoke: (reason: string) => Promise<Outcome<{ runId: string }>>;
};

/** Takes the access back at once: no review, since it only narrows. */
export function RevokeButton({ workload, target, account, consequences, others, revoke }: RevokeButtonProps) {
  const router = useRouter();
  const toast = useToast();
  return (
    <ConfirmDialog
      trigger={<Button variant="danger-outline">Revoke</Button>}
      title="Revoke this access?"
      tone="danger"
      confirmLabel="Revoke access"
      cancelLabel="Keep it"
      description={
        <>
          {workload} loses its access to {target} in {account} within a minute or so, while its pods keep
          running.{" "}
          {others > 0 &&
            `Its ${others} other ${others === 1 ? "access stays" : "accesses stay"} as they are. `}
          To get it back, someone has to ask again and the owners approve again.
        </>
      }
      reason={{
        label: "Reason",
        hint: "It stands in history and in the request.",
        placeholder: "The job was retired",
        required: true,
      }}
      onConfirm={async (reason) => {
        const outcome = await revoke(reason);
        if (!outcome.ok) return { ok: false, message: refusalText(outcome.refusals) };
        const { runId } = outcome.value;
        toast.success({
          title: "Revoking",
          body: `${workload} is losing its access to ${target}.`,
          action: { label: "Follow the run", onSelect: () => router.push(`/runs/${runId}`) },
        });
        return { ok: true };
      }}
    >
      {consequences && <WhatGoes {...consequences} />}
    </ConfirmDialog>
  );
}

function WhatGoes({ goes, stays }: Consequences) {
  return (
    <dl className="grid gap-2 rounded-lg border border-line bg-sunken px-3.5 py-3 text-sm">
      {goes.map(({ accountName, what }) => (
        <div key={accountName}>
          <dt className="text-ink-muted">Goes from {accountName}</dt>
          <dd className="wrap-anywhere text-ink">{what.join(", ")}</dd>
        </div>
      ))}
      {goes.length === 0 && (
        <div>
          <dt className="text-ink-muted">Goes</dt>
          <dd className="text-ink">nothing that was last seen in AWS</dd>
        </div>
      )}
      {stays.length > 0 && (
        <div>
          <dt className="text-ink-muted">Stays</dt>
          {stays.map(({ what, why }) => (
            <dd key={what} className="wrap-anywhere text-ink">
              {what} <span className="text-ink-muted">{why}</span>
            </dd>
          ))}
        </div>
      )}
    </dl>
  );
}
