"use client";

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type CheckboxProps = {
  label: ReactNode;
  description?: ReactNode;
  checked?: boolean | undefined;
  defaultChecked?: boolean | undefined;
  onCheckedChange?: ((checked: boolean) => void) | undefined;
  indeterminate?: boolean | undefined;
  name?: string | undefined;
  value?: string | undefined;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
  /** Keeps the name for assistive technology and hides it from sight: rows of a table. */
  labelHidden?: boolean | undefined;
  className?: string | undefined;
};

export function Checkbox({
  label,
  description,
  checked,
  defaultChecked,
  onCheckedChange,
  indeterminate = false,
  name,
  value,
  disabled = false,
  required = false,
  labelHidden = false,
  className,
}: CheckboxProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's checkbox inside it is the control.
    <label className={cn("flex w-fit items-start gap-2.5 py-0.5", className)}>
      <Base.Root
        {...(checked === undefined ? {} : { checked })}
        {...(defaultChecked === undefined ? {} : { defaultChecked })}
        {...(value === undefined ? {} : { value })}
        onCheckedChange={(next) => onCheckedChange?.(next)}
        indeterminate={indeterminate}
        name={name}
        disabled={disabled}
        required={required}
        className="mt-[3px] grid size-4 shrink-0 place-items-center rounded-sm border border-line-control bg-surface text-on-accent transition-colors hover:border-ink-faint data-checked:border-accent data-checked:bg-accent data-disabled:border-line-strong data-disabled:bg-sunken data-disabled:text-ink-faint data-indeterminate:border-accent data-indeterminate:bg-accent"
      >
        <Base.Indicator className="flex">
          {indeterminate ? (
            <Minus aria-hidden="true" strokeWidth={3} className="size-3" />
          ) : (
            <Check aria-hidden="true" strokeWidth={3} className="size-3" />
          )}
        </Base.Indicator>
      </Base.Root>
      <span className={cn("min-w-0", labelHidden && "sr-only")}>
        <span className={cn("block text-base", disabled ? "text-ink-faint" : "text-ink")}>{label}</span>
        {description && <span className="block text-sm text-ink-muted">{description}</span>}
      </span>
    </label>
  );
}
