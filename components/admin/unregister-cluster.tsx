"use client";

import { refusalText } from "#components/refusals/refusal-list.tsx";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type UnregisterClusterProps = {
  cluster: string;
  /** A server action. */
  unregister: () => Promise<Outcome<unknown>>;
};

/** Takes a cluster off the list. */
export function UnregisterCluster({ cluster, unregister }: UnregisterClusterProps) {
  const toast = useToast();
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" aria-label={`Unregister ${cluster}`}>
          Unregister
        </Button>
      }
      title={`Unregister ${cluster}?`}
      tone="danger"
      confirmLabel="Unregister cluster"
      cancelLabel="Keep it"
      description="Nobody can ask for access from it any more, and Drawbridge forgets who owns its namespaces. Nothing is changed in AWS. It can be registered again at any time."
      onConfirm={async () => {
        const outcome = await unregister();
        if (!outcome.ok) return { ok: false, message: refusalText(outcome.refusals) };
        toast.success({ title: "Unregistered", body: `${cluster} is off the list.` });
        return { ok: true };
      }}
    />
  );
}
