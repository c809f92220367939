"use client";

import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { TabCount, tabClass } from "#components/ui/tab-parts.tsx";

export type TabItem = {
  value: string;
  label: string;
  icon?: ReactNode;
  /** A small number beside the label. */
  count?: number | undefined;
  content: ReactNode;
};

export type TabsProps = {
  /** Names the row of tabs. */
  label: string;
  items: readonly TabItem[];
  value?: string | undefined;
  defaultValue?: string | undefined;
  onValueChange?: ((value: string) => void) | undefined;
  /** Keeps the hidden panels in the page: needed when they hold half-filled forms. */
  keepMounted?: boolean | undefined;
  className?: string | undefined;
  panelClassName?: string | undefined;
};

/** Views of one thing on one page. For different pages use TabLinks. */
export function Tabs({
  label,
  items,
  value,
  defaultValue,
  onValueChange,
  keepMounted = false,
  className,
  panelClassName,
}: TabsProps) {
  return (
    <Base.Root
      {...(value === undefined ? { defaultValue: defaultValue ?? items[0]?.value } : { value })}
      onValueChange={(next: unknown) => {
        if (typeof next === "string") onValueChange?.(next);
      }}
      className={cn("min-w-0", className)}
    >
      <Base.List
        aria-label={label}
        className="relative flex gap-1 overflow-x-auto overflow-y-clip border-b border-line [scrollbar-width:none]"
      >
        {items.map((item) => (
          <Base.Tab key={item.value} value={item.value} className={tabClass}>
            {item.icon}
            {item.label}
            {item.count !== undefined && <TabCount count={item.count} />}
          </Base.Tab>
        ))}
        <Base.Indicator className="absolute bottom-0 left-(--active-tab-left) h-0.5 w-(--active-tab-width) rounded-full bg-accent transition-[left,width] duration-150 ease-out" />
      </Base.List>
      {items.map((item) => (
        <Base.Panel
          key={item.value}
          value={item.value}
          keepMounted={keepMounted}
          className={cn("min-w-0 rounded-sm pt-4", panelClassName)}
        >
          {item.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
