"use client";

import { useMemo } from "react";
import { useController, useFormContext, useWatch } from "react-hook-form";
import type { ComboboxGroup, ComboboxItem } from "#components/ui/combobox-list.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import { SuggestInput } from "#components/ui/suggest-input.tsx";
import { parseArn } from "#lib/model/arn.ts";
import { useFieldError, useRequestForm } from "./context.tsx";
import { ServiceIcon } from "./icons.tsx";
import type { FormOptions, TargetOption } from "./types.ts";
import { type FormValues, type ResolvedTarget, resolveTarget } from "./values.ts";

function targetItems(targets: readonly TargetOption[]): ComboboxGroup[] {
  const groups = new Map<string, { label: string; items: ComboboxItem[] }>();
  for (const { arn, name, accountId, accountName, service, region } of targets) {
    const label = `${accountName} · ${accountId}`;
    const group = groups.get(label) ?? { label, items: [] };
    group.items.push({
      value: arn,
      label: name,
      description: arn,
      meta: region,
      icon: <ServiceIcon service={service} />,
    });
    groups.set(label, group);
  }
  return [...groups.values()];
}

/** A resource of the inventory by its name, or any ARN. */
export function TargetField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options, search } = useRequestForm();
  const { field, fieldState, formState } = useController({ control, name: `grants.${index}.text` });
  const error = useFieldError(`grants.${index}.text`, `grants.${index}.target`);
  // A target that is added is judged at once, with the others; nobody has had a chance to fill it in yet.
  const fresh = field.value === "" && !fieldState.isTouched && !formState.isSubmitted;
  const items = useMemo(() => targetItems(options.targets), [options.targets]);
  const resolved = resolveTarget(field.value, options);
  return (
    <>
      <Field
        label="Target"
        error={fresh ? undefined : error}
        hint={<TargetHint resolved={resolved} options={options} />}
      >
        <SuggestInput
          items={items}
          value={field.value}
          onValueChange={(text) => {
            field.onChange(text);
            search(text);
          }}
          onBlur={() => {
            // A name that is one resource's alone is as good as its ARN.
            if (resolved.arn !== null && resolved.arn !== field.value) field.onChange(resolved.arn);
            field.onBlur();
          }}
          inputRef={field.ref}
          autoHighlight
          placeholder="Search by name, or paste an ARN"
          emptyText={
            resolved.arn === null && field.value !== ""
              ? "Not in the inventory. Paste the whole ARN: it is looked up in AWS after you submit."
              : null
          }
        />
      </Field>
      {resolved.arn !== null && resolved.accountId === null && (
        <AccountField index={index} resolved={resolved} />
      )}
    </>
  );
}

function TargetHint({ resolved, options }: { resolved: ResolvedTarget; options: FormOptions }) {
  const { known, service, arn } = resolved;
  if (arn === null) return "A resource of a registered account, or any ARN.";
  if (known)
    return (
      <span className="inline-flex max-w-full items-baseline gap-1.5">
        <ServiceIcon service={known.service} className="size-3.5 shrink-0 self-center" />
        <span className="min-w-0 wrap-anywhere">
          <span className="font-medium text-ink">{known.name}</span>, {known.noun} in {known.accountName} (
          {known.accountId}){known.classification && `; its data is ${known.classification}`}
        </span>
      </span>
    );
  if (!service)
    return `Supported: ${options.services.map(({ name, noun }) => `${name} ${noun}s`).join(", ")}.`;
  return `A ${service.noun} that the inventory does not know. It is looked up in AWS after you submit.`;
}

/** S3 ARNs don't say whose the bucket is. */
function AccountField({ index, resolved }: { index: number; resolved: ResolvedTarget }) {
  const { control } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const accountId = useWatch({ control, name: `grants.${index}.accountId` });
  const { field } = useController({ control, name: `grants.${index}.accountId` });
  const partition = parseArn(resolved.arn ?? "")?.partition;
  const items = options.accounts
    .filter((account) => account.partition === partition)
    .map((account) => ({
      value: account.id,
      label: `${account.name} (${account.id})`,
      description: `${account.environment}, owned by ${account.ownerGroup}`,
    }));
  return (
    <Field
      label={`Account that owns the ${resolved.service?.noun ?? "resource"}`}
      hint="This ARN does not say it. AWS is asked to confirm it before anyone can approve."
      error={useFieldError(`grants.${index}.accountId`, `grants.${index}.target.accountId`)}
    >
      <Select
        items={items}
        value={accountId || null}
        onValueChange={field.onChange}
        placeholder="Choose an account"
      />
    </Field>
  );
}
