"use client";

import { Switch as Base } from "@base-ui/react/switch";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type SwitchProps = {
  label: ReactNode;
  description?: ReactNode;
  checked?: boolean | undefined;
  defaultChecked?: boolean | undefined;
  onCheckedChange?: ((checked: boolean) => void) | undefined;
  name?: string | undefined;
  disabled?: boolean | undefined;
  className?: string | undefined;
};

/** Takes effect at once; where a form has to be sent use a Checkbox. */
export function Switch({
  label,
  description,
  checked,
  defaultChecked,
  onCheckedChange,
  name,
  disabled = false,
  className,
}: SwitchProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's switch inside it is the control.
    <label className={cn("flex items-start justify-between gap-4 py-0.5", className)}>
      <span className="min-w-0">
        <span className={cn("block text-base", disabled ? "text-ink-faint" : "text-ink")}>{label}</span>
        {description && <span className="block text-sm text-ink-muted">{description}</span>}
      </span>
      <Base.Root
        {...(checked === undefined ? {} : { checked })}
        {...(defaultChecked === undefined ? {} : { defaultChecked })}
        onCheckedChange={(next) => onCheckedChange?.(next)}
        name={name}
        disabled={disabled}
        className="relative mt-px flex h-5 w-9 shrink-0 items-center rounded-full border border-line-control bg-neutral-solid px-0.5 transition-colors data-checked:border-accent data-checked:bg-accent data-disabled:border-line-strong data-disabled:bg-line-strong"
      >
        <Base.Thumb className="size-3.5 rounded-full bg-surface shadow-sm transition-transform duration-150 data-checked:translate-x-4 data-checked:bg-on-accent" />
      </Base.Root>
    </label>
  );
}
