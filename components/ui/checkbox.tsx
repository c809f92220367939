"use client";

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type CheckboxProps = {
  label: ReactNode;
  description?: ReactNode;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  disabled?: boolean | undefined;
  className?: string | undefined;
};

/** One of several that may be chosen together. */
export function Checkbox({
  label,
  description,
  checked,
  onCheckedChange,
  disabled = false,
  className,
}: CheckboxProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's checkbox inside it is the control.
    <label
      className={cn(
        "flex items-start gap-2.5 px-3 py-1.5 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-focus any-pointer-coarse:min-h-11",
        disabled ? "text-ink-faint" : "hover:bg-hover",
        className,
      )}
    >
      <Base.Root
        checked={checked}
        onCheckedChange={(next) => onCheckedChange(next)}
        disabled={disabled}
        className="mt-0.5 grid size-4 shrink-0 place-items-center rounded-sm border border-line-control bg-surface focus-visible:outline-none data-checked:border-accent data-checked:bg-accent data-disabled:border-line-strong data-disabled:bg-sunken"
      >
        <Base.Indicator className="text-on-accent [&_svg]:size-3">
          <Check aria-hidden="true" strokeWidth={3} />
        </Base.Indicator>
      </Base.Root>
      <span className="min-w-0 flex-1">
        <span className="block text-sm wrap-anywhere">{label}</span>
        {description && <span className="block text-xs wrap-anywhere text-ink-muted">{description}</span>}
      </span>
    </label>
  );
}
