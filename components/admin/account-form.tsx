"use client";

import { type ReactNode, useState, useTransition } from "react";
import {
  type AccountDraft,
  errorsOfRefusals,
  type FieldErrors,
  otherRefusals,
  readDraft,
  withDefaultArns,
} from "#components/admin/account-draft.ts";
import { focusInvalid } from "#components/admin/focus-invalid.ts";
import { environmentWords } from "#components/admin/words.ts";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { SuggestInput } from "#components/ui/suggest-input.tsx";
import { environments } from "#lib/model/account.ts";
import { partitions } from "#lib/model/arn.ts";
import type { Outcome, Refusal } from "#lib/model/refusal.ts";

export type AccountFormProps = {
  initial: AccountDraft;
  /** An account's id and partition never change. */
  fixedIdentity?: boolean | undefined;
  groups: readonly string[];
  submitLabel: string;
  /** A server action. */
  save: (input: unknown) => Promise<Outcome<{ id: string }>>;
  onSaved: (id: string) => void;
  /** Beside the submit button. */
  aside?: ReactNode;
};

export function AccountForm({
  initial,
  fixedIdentity = false,
  groups,
  submitLabel,
  save,
  onSaved,
  aside,
}: AccountFormProps) {
  const [draft, setDraft] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [pending, startTransition] = useTransition();
  const arns = withDefaultArns(draft);

  function set(change: Partial<AccountDraft>) {
    setDraft((before) => ({ ...before, ...change }));
    const mended = Object.fromEntries(Object.keys(change).map((field) => [field, undefined]));
    setErrors((before) => ({ ...before, ...mended }));
  }

  function submit() {
    const read = readDraft(draft);
    setRefusals([]);
    if (!read.ok) {
      setErrors(read.errors);
      return;
    }
    const { partition, ...changes } = read.value;
    startTransition(async () => {
      const outcome = await save(fixedIdentity ? changes : { ...changes, partition });
      if (outcome.ok) return onSaved(outcome.value.id);
      setErrors(errorsOfRefusals(outcome.refusals));
      setRefusals(otherRefusals(outcome.refusals));
    });
  }

  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        focusInvalid(event.currentTarget);
      }}
    >
      {!fixedIdentity && (
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Account id" hint="12 digits." error={errors.id}>
            <Input
              mono
              inputMode="numeric"
              autoComplete="off"
              maxLength={14}
              value={draft.id}
              onChange={(event) => set({ id: event.currentTarget.value.replaceAll(/[\s-]/g, "") })}
            />
          </Field>
          <Field label="Partition" hint="Access across partitions is impossible." error={errors.partition}>
            <Select
              items={partitions.map((value) => ({ value, label: value }))}
              value={draft.partition}
              onValueChange={(partition) => set({ partition })}
            />
          </Field>
        </div>
      )}
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label="Name" hint="As your people call it." error={errors.name}>
          <Input
            autoComplete="off"
            maxLength={80}
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
        </Field>
        <Field label="Environment" error={errors.environment}>
          <Select
            items={environments.map((value) => ({ value, label: environmentWords[value].label }))}
            value={draft.environment}
            onValueChange={(environment) => set({ environment })}
          />
        </Field>
      </div>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field
          label="Owner group"
          hint="Its members approve what touches this account."
          error={errors.ownerGroup}
        >
          <SuggestInput
            items={groups.map((value) => ({ value, label: value }))}
            value={draft.ownerGroup}
            onValueChange={(ownerGroup) => set({ ownerGroup })}
            emptyText="A new group; it fills when its members sign in."
          />
        </Field>
        <Field
          label="Regions"
          hint="Where to look for clusters and targets, by commas."
          error={errors.regions}
        >
          <Input
            mono
            autoComplete="off"
            spellCheck={false}
            placeholder="eu-west-1, eu-central-1"
            value={draft.regions}
            onChange={(event) => set({ regions: event.currentTarget.value })}
          />
        </Field>
      </div>
      <Field
        label="Provisioner role"
        hint="What the worker becomes in the account. The onboarding template makes it under this name."
        error={errors.provisionerRoleArn}
      >
        <Input
          mono
          autoComplete="off"
          spellCheck={false}
          value={arns.provisionerRoleArn}
          onChange={(event) => set({ provisionerRoleArn: event.currentTarget.value })}
        />
      </Field>
      <Field
        label="Permissions boundary"
        hint="The most that any role made by Drawbridge may do. The template makes it, too."
        error={errors.boundaryArn}
      >
        <Input
          mono
          autoComplete="off"
          spellCheck={false}
          value={arns.boundaryArn}
          onChange={(event) => set({ boundaryArn: event.currentTarget.value })}
        />
      </Field>
      <RefusalList title="The account was not saved" refusals={refusals} />
      <div className="flex flex-wrap items-center justify-end gap-2">
        {aside}
        <Button type="submit" variant="primary" pending={pending}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
