"use client";

import { useRouter } from "next/navigation";
import { emptyDraft } from "#components/admin/account-draft.ts";
import { AccountForm } from "#components/admin/account-form.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type RegisterAccountProps = {
  groups: readonly string[];
  save: (input: unknown) => Promise<Outcome<{ id: string }>>;
};

export function RegisterAccount({ groups, save }: RegisterAccountProps) {
  const router = useRouter();
  return (
    <AccountForm
      initial={emptyDraft}
      groups={groups}
      submitLabel="Register account"
      save={save}
      onSaved={(id) => router.push(`/admin/accounts/${id}`)}
      aside={<LinkButton href="/admin/accounts">Cancel</LinkButton>}
    />
  );
}
