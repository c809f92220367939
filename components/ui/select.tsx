"use client";

import { Select as BaseSelect } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { controlBox, controlHeight, popupItem, popupSurface } from "#components/ui/control-styles.ts";

export type SelectItem<Value extends string = string> = {
  value: Value;
  label: string;
  description?: string | undefined;
  icon?: ReactNode;
  disabled?: boolean | undefined;
};

export type SelectProps<Value extends string = string> = {
  items: readonly SelectItem<Value>[];
  value?: Value | null | undefined;
  defaultValue?: Value | undefined;
  onValueChange?: ((value: Value) => void) | undefined;
  placeholder?: string | undefined;
  /** For plain form posts. */
  name?: string | undefined;
  id?: string | undefined;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
  /** Only where no Field gives it a label. */
  "aria-label"?: string | undefined;
  className?: string | undefined;
};

export function Select<Value extends string = string>({
  items,
  value,
  defaultValue,
  onValueChange,
  placeholder = "Choose…",
  name,
  id,
  disabled = false,
  required = false,
  className,
  ...aria
}: SelectProps<Value>) {
  return (
    <BaseSelect.Root<Value>
      items={items}
      {...(value === undefined ? {} : { value })}
      {...(defaultValue === undefined ? {} : { defaultValue })}
      onValueChange={(next) => {
        if (next !== null) onValueChange?.(next);
      }}
      name={name}
      id={id}
      disabled={disabled}
      required={required}
      modal={false}
    >
      <BaseSelect.Trigger
        {...aria}
        className={cn(
          controlBox,
          controlHeight,
          "flex items-center justify-between gap-2 pr-2 pl-2.5 text-left select-none",
          className,
        )}
      >
        <BaseSelect.Value placeholder={placeholder} className="truncate data-placeholder:text-ink-faint" />
        <BaseSelect.Icon className="text-ink-faint">
          <ChevronsUpDown aria-hidden="true" className="size-4" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <BaseSelect.Popup className={cn(popupSurface, "min-w-(--anchor-width) max-w-(--available-width)")}>
            <BaseSelect.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto overscroll-contain p-1">
              {items.map((item) => (
                <BaseSelect.Item
                  key={item.value}
                  value={item.value}
                  disabled={item.disabled ?? false}
                  className={popupItem}
                >
                  {item.icon && <span className="text-ink-muted">{item.icon}</span>}
                  <span className="min-w-0 flex-1">
                    <BaseSelect.ItemText className="block wrap-anywhere">{item.label}</BaseSelect.ItemText>
                    {item.description && (
                      <span className="block text-xs wrap-anywhere text-ink-muted">{item.description}</span>
                    )}
                  </span>
                  <BaseSelect.ItemIndicator className="ml-4 text-accent-ink">
                    <Check aria-hidden="true" />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
