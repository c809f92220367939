"use client";

import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { popupItem, popupSurface } from "#components/ui/control-styles.ts";
import { Kbd } from "#components/ui/kbd.tsx";
import { Link } from "#components/ui/link.tsx";

export type MenuProps = {
  /** The button that opens it. */
  trigger: ReactElement;
  align?: "start" | "center" | "end" | undefined;
  side?: "top" | "bottom" | "left" | "right" | undefined;
  className?: string | undefined;
  /** MenuItem, MenuLink, MenuGroup, MenuRadios, MenuSeparator. */
  children: ReactNode;
};

export function Menu({ trigger, align = "end", side = "bottom", className, children }: MenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner
          side={side}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 outline-none"
        >
          <Base.Popup
            className={cn(
              popupSurface,
              "max-h-(--available-height) min-w-48 max-w-(--available-width) overflow-y-auto p-1",
              className,
            )}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

type ItemContent = {
  icon?: ReactNode;
  shortcut?: string | undefined;
  tone?: "default" | "danger" | undefined;
  children: ReactNode;
};

function Content({ icon, shortcut, children }: ItemContent) {
  return (
    <>
      {icon && <span className="flex text-ink-muted in-data-[tone=danger]:text-danger-ink">{icon}</span>}
      <span className="min-w-0 flex-1">{children}</span>
      {shortcut && <Kbd keys={shortcut} className="ml-4" />}
    </>
  );
}

export type MenuItemProps = ItemContent & {
  onSelect?: (() => void) | undefined;
  disabled?: boolean | undefined;
  closeOnClick?: boolean | undefined;
};

export function MenuItem({
  onSelect,
  disabled = false,
  closeOnClick = true,
  tone,
  ...content
}: MenuItemProps) {
  return (
    <Base.Item
      disabled={disabled}
      closeOnClick={closeOnClick}
      onClick={() => onSelect?.()}
      data-tone={tone}
      className={cn(popupItem, tone === "danger" && "text-danger-ink data-highlighted:bg-danger-soft")}
    >
      <Content {...content} />
    </Base.Item>
  );
}

export function MenuLink({ href, ...content }: Omit<ItemContent, "tone"> & { href: string }) {
  return (
    <Base.LinkItem closeOnClick render={<Link href={href} />} className={popupItem}>
      <Content {...content} />
    </Base.LinkItem>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="-mx-1 my-1 h-px bg-line" />;
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs font-medium text-ink-muted">
        {label}
      </Base.GroupLabel>
      {children}
    </Base.Group>
  );
}

export type MenuRadiosProps<Value extends string = string> = {
  label: string;
  value: Value;
  onValueChange: (value: Value) => void;
  options: readonly { value: Value; label: string; icon?: ReactNode }[];
};

/** One of several, chosen inside the menu. */
export function MenuRadios<Value extends string = string>({
  label,
  value,
  onValueChange,
  options,
}: MenuRadiosProps<Value>) {
  return (
    <MenuGroup label={label}>
      <Base.RadioGroup value={value} onValueChange={(next: Value) => onValueChange(next)}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} closeOnClick={false} className={popupItem}>
            <Content icon={option.icon}>{option.label}</Content>
            <Base.RadioItemIndicator className="text-accent-ink">
              <Check aria-hidden="true" />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </MenuGroup>
  );
}
