"use client";

import { Field as BaseField } from "@base-ui/react/field";
import { Fieldset } from "@base-ui/react/fieldset";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { CircleAlert } from "lucide-react";
import { useController, useFormContext, useWatch } from "react-hook-form";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { absoluteTime } from "#components/ui/timestamp.tsx";
import { useFieldError, useRequestForm } from "./context.tsx";
import { expiryOf, type FormValues, firstDay, lastDay, presetDays } from "./values.ts";

function choices(maxDays: number, asked: string, changes: boolean) {
  return [
    ...(asked ? [{ value: "asked", label: changes ? "As it is" : "As asked" }] : []),
    ...presetDays
      .filter((days) => days <= maxDays)
      .map((days) => ({ value: String(days), label: days === 365 ? "1 year" : `${days} days` })),
    { value: "date", label: "Date" },
    { value: "never", label: "No end" },
  ];
}

/** When the access ends by itself. */
export function UntilField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options, now, changes } = useRequestForm();
  const { field } = useController({ control, name: `grants.${index}.until` });
  const target = useWatch({ control, name: `grants.${index}` });
  const error = useFieldError(`grants.${index}.until`, `grants.${index}.expiresAt`);
  const ends = expiryOf(target, now);
  return (
    <div className="grid grid-cols-1 gap-3">
      <BaseField.Root invalid={Boolean(error)} data-problem={error ? "" : undefined} className="min-w-0">
        <Fieldset.Root
          className="min-w-0"
          render={<RadioGroup value={field.value} onValueChange={(next) => field.onChange(next)} />}
        >
          <Fieldset.Legend className="mb-1.5 text-sm font-medium text-ink">Until when</Fieldset.Legend>
          <div className="flex flex-wrap gap-1">
            {choices(options.maxDays, target.untilAsked, changes !== null).map(({ value, label }) => (
              <Radio.Root
                key={value}
                value={value}
                aria-label={label}
                nativeButton
                render={<button type="button" />}
                className="h-7 rounded-md border border-line-strong bg-surface px-2 text-sm text-ink-muted transition-colors select-none hover:border-line-control hover:text-ink data-checked:border-accent data-checked:bg-accent-soft data-checked:font-medium data-checked:text-ink data-checked:shadow-[inset_0_0_0_1px_var(--accent)] any-pointer-coarse:h-9"
              >
                {label}
              </Radio.Root>
            ))}
          </div>
        </Fieldset.Root>
        <BaseField.Description className="mt-1.5 text-xs text-ink-muted">
          {ends === null
            ? "It lasts until someone revokes it. Approvers prefer an end; grants can be renewed."
            : ends
              ? `Ends by itself on ${absoluteTime(new Date(ends))}, even if Drawbridge is down.`
              : `At most ${options.maxDays} days from today.`}
        </BaseField.Description>
        {error && (
          <BaseField.Error match className="mt-1.5 flex items-start gap-1.5 text-xs text-danger-ink">
            <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
            {error}
          </BaseField.Error>
        )}
      </BaseField.Root>
      {field.value === "date" && <DateField index={index} />}
    </div>
  );
}

function DateField({ index }: { index: number }) {
  const { control } = useFormContext<FormValues>();
  const { options, now } = useRequestForm();
  const { field } = useController({ control, name: `grants.${index}.untilDate` });
  return (
    <Field label="Last day" error={useFieldError(`grants.${index}.untilDate`)} className="max-w-56">
      <Input
        type="date"
        ref={field.ref}
        value={field.value}
        min={firstDay(now)}
        max={lastDay(now, options.maxDays)}
        onChange={(event) => field.onChange(event.currentTarget.value)}
        onBlur={field.onBlur}
      />
    </Field>
  );
}
