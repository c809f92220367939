"use client";

import { Plus, X } from "lucide-react";
import { useState, useTransition } from "react";
import { focusInvalid } from "#components/admin/focus-invalid.ts";
import { RefusalList, refusalText } from "#components/refusals/refusal-list.tsx";
import { ConfirmDialog } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { SuggestInput } from "#components/ui/suggest-input.tsx";
import type { Outcome, Refusal } from "#lib/model/refusal.ts";
import { namespaceSchema } from "#lib/model/workload.ts";

export type NamespaceOwner = { namespace: string; group: string };

export type NamespaceOwnersProps = {
  cluster: string;
  owners: readonly NamespaceOwner[];
  /** Left out for those who only read. */
  edit?: { groups: readonly string[]; save: Save } | undefined;
};

/** A server action; `null` takes the owner off. */
type Save = (namespace: string, group: string | null) => Promise<Outcome<unknown>>;

/** Whose approval a request for a namespace needs, unless it comes from one of them. */
export function NamespaceOwners({ cluster, owners, edit }: NamespaceOwnersProps) {
  return (
    <div>
      {owners.length > 0 ? (
        <ul aria-label={`Namespace owners of ${cluster}`} className="divide-y divide-line">
          {owners.map((owner) => (
            <li key={owner.namespace} className="flex min-h-10 items-center gap-3 py-1">
              <code className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">{owner.namespace}</code>
              <span className="min-w-0 flex-1 text-base wrap-anywhere text-ink-muted">{owner.group}</span>
              {edit && <Remove owner={owner} save={edit.save} />}
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-sm text-ink-muted">
          No namespace has an owner: requests need the accounts' owners only.
        </p>
      )}
      {edit && <Add cluster={cluster} {...edit} />}
    </div>
  );
}

function Remove({ owner, save }: { owner: NamespaceOwner; save: Save }) {
  return (
    <ConfirmDialog
      trigger={
        <IconButton
          size="sm"
          tooltip={false}
          label={`Take ${owner.group} off ${owner.namespace}`}
          icon={<X aria-hidden="true" />}
        />
      }
      title={`Take the owner off ${owner.namespace}?`}
      description={`Requests for ${owner.namespace} will no longer need ${owner.group} to approve. What is approved already stays.`}
      confirmLabel="Take the owner off"
      onConfirm={async () => {
        const outcome = await save(owner.namespace, null);
        return outcome.ok ? { ok: true } : { ok: false, message: refusalText(outcome.refusals) };
      }}
    />
  );
}

function Add({ cluster, groups, save }: { cluster: string; groups: readonly string[]; save: Save }) {
  const [namespace, setNamespace] = useState("");
  const [group, setGroup] = useState("");
  const [errors, setErrors] = useState<{ namespace?: string | undefined; group?: string | undefined }>({});
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [pending, startTransition] = useTransition();

  function submit() {
    const parsed = namespaceSchema.safeParse(namespace.trim());
    const problems = {
      namespace: namespace.trim() === "" ? "Name the namespace." : parsed.error?.issues[0]?.message,
      group: group.trim() === "" ? "Name the group." : undefined,
    };
    setErrors(problems);
    if (!parsed.success || problems.group) return;
    startTransition(async () => {
      const outcome = await save(parsed.data, group.trim());
      setRefusals(outcome.ok ? [] : outcome.refusals);
      if (!outcome.ok) return;
      setNamespace("");
      setGroup("");
    });
  }

  return (
    <form
      noValidate
      aria-label={`Set an owner on ${cluster}`}
      className="mt-3 space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        focusInvalid(event.currentTarget);
      }}
    >
      <div className="flex flex-wrap items-start gap-2">
        <Field label="Namespace" labelHidden error={errors.namespace} className="flex-1 basis-40">
          <Input
            mono
            autoComplete="off"
            spellCheck={false}
            placeholder="namespace"
            value={namespace}
            onChange={(event) => setNamespace(event.currentTarget.value)}
          />
        </Field>
        <Field label="Owner group" labelHidden error={errors.group} className="flex-1 basis-40">
          <SuggestInput
            items={groups.map((value) => ({ value, label: value }))}
            value={group}
            onValueChange={setGroup}
            placeholder="owner group"
            emptyText="A new group; it fills when its members sign in."
          />
        </Field>
        <Button type="submit" pending={pending} icon={<Plus aria-hidden="true" />}>
          Set owner
        </Button>
      </div>
      <RefusalList title="The owner was not set" refusals={refusals} />
    </form>
  );
}
