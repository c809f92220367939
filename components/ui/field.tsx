"use client";

import { Field as BaseField } from "@base-ui/react/field";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type FieldProps = {
  label: ReactNode;
  /** Stands under the label and is read with the control. */
  hint?: ReactNode;
  /** Any text makes the field invalid. */
  error?: string | undefined;
  /** Marks the field "Optional"; required fields carry no mark. */
  optional?: boolean | undefined;
  /** Beside the label, at the right: a link, a count. */
  aside?: ReactNode;
  name?: string | undefined;
  disabled?: boolean | undefined;
  labelHidden?: boolean | undefined;
  className?: string | undefined;
  /** One control: Input, Textarea, Select, Combobox, SuggestInput or Switch. */
  children: ReactNode;
};

/** Label, hint, control and error, tied together for assistive technology by Base UI. */
export function Field({
  label,
  hint,
  error,
  optional = false,
  aside,
  name,
  disabled = false,
  labelHidden = false,
  className,
  children,
}: FieldProps) {
  return (
    <BaseField.Root
      {...(name === undefined ? {} : { name })}
      invalid={Boolean(error)}
      disabled={disabled}
      className={cn("flex min-w-0 flex-col", className)}
    >
      <div className={cn("mb-1.5 flex items-baseline justify-between gap-3", labelHidden && "sr-only")}>
        <BaseField.Label className="text-sm font-medium text-ink">{label}</BaseField.Label>
        {optional && <span className="text-xs text-ink-faint">Optional</span>}
        {aside && <span className="text-xs text-ink-muted">{aside}</span>}
      </div>
      {children}
      {hint && (
        <BaseField.Description className="mt-1.5 text-xs text-ink-muted">{hint}</BaseField.Description>
      )}
      {error && (
        <BaseField.Error match className="mt-1.5 flex items-start gap-1.5 text-xs text-danger-ink">
          <CircleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
          <span className="min-w-0 wrap-anywhere">{error}</span>
        </BaseField.Error>
      )}
    </BaseField.Root>
  );
}
