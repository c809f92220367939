"use client";

import { useState } from "react";
import type { AccountDraft } from "#components/admin/account-draft.ts";
import { AccountForm } from "#components/admin/account-form.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type EditAccountProps = {
  account: AccountDraft;
  groups: readonly string[];
  save: (input: unknown) => Promise<Outcome<{ id: string }>>;
};

export function EditAccount({ account, groups, save }: EditAccountProps) {
  const [open, setOpen] = useState(false);
  const toast = useToast();
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Settings of ${account.name}`}
      trigger={<Button>Edit</Button>}
    >
      <AccountForm
        initial={account}
        fixedIdentity
        groups={groups}
        submitLabel="Save changes"
        save={save}
        onSaved={() => {
          setOpen(false);
          toast.success("Saved. The account is being read again.");
        }}
      />
    </Dialog>
  );
}
