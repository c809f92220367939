"use client";

import { Field } from "@base-ui/react/field";
import { Fieldset } from "@base-ui/react/fieldset";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type RadioCard<Value extends string = string> = {
  value: Value;
  label: ReactNode;
  description?: ReactNode;
  /** Beside the label: "Recommended". */
  badge?: ReactNode;
  icon?: ReactNode;
  disabled?: boolean | undefined;
};

export type RadioCardsProps<Value extends string = string> = {
  /** The legend of the group. */
  label: ReactNode;
  labelHidden?: boolean | undefined;
  hint?: ReactNode;
  error?: string | undefined;
  options: readonly RadioCard<Value>[];
  value: Value | null;
  onValueChange: (value: Value) => void;
  name?: string | undefined;
  disabled?: boolean | undefined;
  /** Side by side from 640 px. */
  columns?: 1 | 2 | 3 | undefined;
  className?: string | undefined;
};

const grids = { 1: "", 2: "@md:grid-cols-2", 3: "@md:grid-cols-3" };

/** A choice that deserves a sentence for each option. */
export function RadioCards<Value extends string = string>({
  label,
  labelHidden = false,
  hint,
  error,
  options,
  value,
  onValueChange,
  name,
  disabled = false,
  columns = 1,
  className,
}: RadioCardsProps<Value>) {
  return (
    <Field.Root
      {...(name === undefined ? {} : { name })}
      invalid={Boolean(error)}
      disabled={disabled}
      className={cn("@container min-w-0", className)}
    >
      <Fieldset.Root
        className="min-w-0"
        render={
          <RadioGroup<Value | null>
            value={value}
            onValueChange={(next) => {
              if (next !== null) onValueChange(next);
            }}
          />
        }
      >
        <Fieldset.Legend className={cn("mb-1.5 text-sm font-medium text-ink", labelHidden && "sr-only")}>
          {label}
        </Fieldset.Legend>
        <div className={cn("grid gap-2", grids[columns])}>
          {options.map((option) => (
            <Field.Item key={option.value} disabled={option.disabled ?? false} className="min-w-0">
              <Field.Label
                className={cn(
                  "flex h-full min-w-0 items-start gap-2.5 rounded-md border border-line-strong bg-surface px-3 py-2.5 transition-colors hover:border-line-control",
                  "has-data-checked:border-accent has-data-checked:bg-accent-soft has-data-checked:shadow-[inset_0_0_0_1px_var(--accent)]",
                  "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus",
                  "data-disabled:bg-sunken data-disabled:hover:border-line-strong",
                )}
              >
                <Radio.Root
                  value={option.value}
                  className="mt-0.5 grid size-4 shrink-0 place-items-center rounded-full border border-line-control bg-surface outline-none focus-visible:outline-none data-checked:border-accent data-checked:bg-accent data-disabled:border-line-strong"
                >
                  <Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
                </Radio.Root>
                <span className="min-w-0 flex-1">
                  <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    {option.icon && <span className="text-ink-muted [&_svg]:size-4">{option.icon}</span>}
                    <span
                      className={cn("text-base font-medium", option.disabled ? "text-ink-faint" : "text-ink")}
                    >
                      {option.label}
                    </span>
                    {option.badge}
                  </span>
                  {option.description && (
                    <span
                      className={cn(
                        "mt-0.5 block text-sm",
                        option.disabled ? "text-ink-faint" : "text-ink-muted",
                      )}
                    >
                      {option.description}
                    </span>
                  )}
                </span>
              </Field.Label>
            </Field.Item>
          ))}
        </div>
      </Fieldset.Root>
      {hint && <Field.Description className="mt-1.5 text-xs text-ink-muted">{hint}</Field.Description>}
      {error && (
        <Field.Error match className="mt-1.5 flex items-start gap-1.5 text-xs text-danger-ink">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          {error}
        </Field.Error>
      )}
    </Field.Root>
  );
}
