"use client";

import { useController, useFormContext, useWatch } from "react-hook-form";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { RadioCards } from "#components/ui/radio-cards.tsx";
import { type AccessLevel, accessLevels } from "#lib/model/grant.ts";
import { useFieldError, useRequestForm } from "./context.tsx";
import { type FormValues, resolveTarget } from "./values.ts";

const labels: Record<AccessLevel, string> = { read: "Read", write: "Write", "read-write": "Read and write" };

/** Until the target says what its service calls them. */
const inGeneral: Record<AccessLevel, string> = {
  read: "Use what is there",
  write: "Add to it and change it",
  "read-write": "Both",
};

/** What the pods may do, in the words of the target's service. */
export function LevelField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const { field } = useController({ control, name: `grants.${index}.level` });
  const text = useWatch({ control, name: `grants.${index}.text` });
  const { service } = resolveTarget(text, options);
  return (
    <RadioCards<AccessLevel>
      label="Access"
      options={accessLevels.map((value) => ({
        value,
        label: labels[value],
        description: service?.levels[value] ?? inGeneral[value],
      }))}
      value={field.value}
      onValueChange={field.onChange}
      error={useFieldError(`grants.${index}.level`)}
      columns={3}
    />
  );
}

/** A part of the target, where its service has such: an S3 prefix. */
export function SubResourceField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const { field } = useController({ control, name: `grants.${index}.subResource` });
  const text = useWatch({ control, name: `grants.${index}.text` });
  const error = useFieldError(`grants.${index}.subResource`);
  const { service } = resolveTarget(text, options);
  if (!service?.subResource) return null;
  return (
    <Field label={service.subResource.label} optional hint={service.subResource.hint} error={error}>
      <Input
        ref={field.ref}
        value={field.value}
        onChange={(event) => field.onChange(event.currentTarget.value)}
        onBlur={field.onBlur}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        mono
      />
    </Field>
  );
}
