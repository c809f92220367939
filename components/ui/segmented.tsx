"use client";

import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type SegmentedOption<Value extends string = string> = {
  value: Value;
  label: string;
  icon?: ReactNode;
  /** Shows the icon only; the label stays the accessible name. */
  iconOnly?: boolean | undefined;
};

export type SegmentedProps<Value extends string = string> = {
  label: string;
  options: readonly SegmentedOption<Value>[];
  value: Value;
  onValueChange: (value: Value) => void;
  name?: string | undefined;
  disabled?: boolean | undefined;
  size?: "sm" | "md" | undefined;
  className?: string | undefined;
};

/** One of a few short options, all in sight. */
export function Segmented<Value extends string = string>({
  label,
  options,
  value,
  onValueChange,
  name,
  disabled = false,
  size = "md",
  className,
}: SegmentedProps<Value>) {
  return (
    <RadioGroup<Value>
      aria-label={label}
      value={value}
      onValueChange={(next) => onValueChange(next)}
      name={name}
      disabled={disabled}
      className={cn("inline-flex max-w-full rounded-md border border-line-strong bg-sunken p-0.5", className)}
    >
      {options.map((option) => (
        <Radio.Root
          key={option.value}
          value={option.value}
          aria-label={option.label}
          nativeButton
          render={<button type="button" />}
          className={cn(
            "flex min-w-0 flex-auto items-center justify-center gap-1.5 rounded-sm border border-transparent text-sm font-medium whitespace-nowrap text-ink-muted transition-colors select-none hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0",
            "data-checked:border-line-strong data-checked:bg-surface data-checked:text-ink data-checked:shadow-sm dark:data-checked:bg-line",
            size === "sm" ? "h-6 px-2" : "h-[1.625rem] px-2.5 any-pointer-coarse:h-8.5",
          )}
        >
          {option.icon}
          {!option.iconOnly && <span className="truncate">{option.label}</span>}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
