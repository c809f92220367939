"use client";

import { Fieldset } from "@base-ui/react/fieldset";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useId } from "react";
import { useController, useFormContext, useWatch } from "react-hook-form";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { type AccessLevel, accessLevels } from "#lib/model/grant.ts";
import { useFieldError, useRequestForm } from "./context.tsx";
import { CustomField } from "./custom/custom-field.tsx";
import { type FormValues, resolveTarget } from "./values.ts";

const labels: Record<AccessLevel, string> = {
  read: "Read",
  write: "Write",
  "read-write": "Read and write",
  custom: "Custom",
};

/** Until the target says what its service calls them. */
const inGeneral: Record<AccessLevel, string> = {
  read: "Use what is there",
  write: "Add to it and change it",
  "read-write": "Both",
  custom: "Single actions, also under conditions",
};

/** What the pods may do, in the words of the target's service. */
export function LevelField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options } = useRequestForm();
  const { field } = useController({ control, name: `grants.${index}.level` });
  const text = useWatch({ control, name: `grants.${index}.text` });
  const { service } = resolveTarget(text, options);
  return (
    <>
      <Fieldset.Root
        className="min-w-0"
        render={
          <RadioGroup<AccessLevel> value={field.value} onValueChange={(next) => field.onChange(next)} />
        }
      >
        <Fieldset.Legend className="mb-1.5 text-sm font-medium text-ink">Access level</Fieldset.Legend>
        <div className="divide-y divide-line overflow-clip rounded-md border border-line-strong bg-surface">
          {accessLevels.map((level) => (
            <Level
              key={level}
              level={level}
              means={(level !== "custom" && service?.levels[level]) || inGeneral[level]}
            />
          ))}
        </div>
      </Fieldset.Root>
      {field.value === "custom" && <CustomField index={index} />}
    </>
  );
}

function Level({ level, means }: { level: AccessLevel; means: string }) {
  const id = useId();
  return (
    <div className="relative flex min-h-9 items-center gap-2.5 px-3 py-1.5 hover:bg-hover has-data-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus any-pointer-coarse:min-h-11">
      <Radio.Root
        value={level}
        aria-labelledby={`${id}-label`}
        aria-describedby={`${id}-means`}
        className="grid size-4 shrink-0 place-items-center rounded-full border border-line-control bg-surface after:absolute after:inset-0 focus-visible:outline-none data-checked:border-accent data-checked:bg-accent"
      >
        <Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
      </Radio.Root>
      <span className="grid min-w-0 flex-1 items-baseline gap-x-3 sm:grid-cols-[6.75rem_1fr]">
        <span id={`${id}-label`} className="text-base font-medium text-ink">
          {labels[level]}
        </span>
        <span id={`${id}-means`} className="text-xs text-ink-muted">
          {means}
        </span>
      </span>
    </div>
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
  const { label, hint } = service.subResource;
  return (
    <Field label={label} optional hint={hint} error={error?.replace(hint, "")}>
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
