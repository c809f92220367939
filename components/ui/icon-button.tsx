"use client";

import { Button as BaseButton } from "@base-ui/react/button";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "#components/ui/control-styles.ts";
import { Tooltip } from "#components/ui/tooltip.tsx";

export type IconButtonProps = Omit<ComponentProps<"button">, "className" | "aria-label" | "children"> & {
  /** The accessible name, also shown as a tooltip. */
  label: string;
  icon: ReactNode;
  shortcut?: string | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  /** Switches the tooltip off, for instance where the button already opens a popup. */
  tooltip?: boolean | undefined;
  className?: string | undefined;
};

export function IconButton({
  label,
  icon,
  shortcut,
  variant = "ghost",
  size,
  tooltip = true,
  type = "button",
  className,
  ...props
}: IconButtonProps) {
  const button = (
    <BaseButton
      {...props}
      type={type}
      aria-label={label}
      className={cn(buttonStyles({ variant, size, shape: "icon" }), className)}
    >
      {icon}
    </BaseButton>
  );
  return tooltip ? (
    <Tooltip content={label} shortcut={shortcut}>
      {button}
    </Tooltip>
  ) : (
    button
  );
}
