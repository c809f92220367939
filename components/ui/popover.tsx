"use client";

import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { popupSurface } from "#components/ui/control-styles.ts";

export type PopoverProps = {
  /** The button that opens it. */
  trigger: ReactElement;
  title: string;
  titleHidden?: boolean | undefined;
  side?: "top" | "bottom" | "left" | "right" | undefined;
  align?: "start" | "center" | "end" | undefined;
  className?: string | undefined;
  children: ReactNode;
};

export function Popover({
  trigger,
  title,
  titleHidden = false,
  side = "bottom",
  align = "start",
  className,
  children,
}: PopoverProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={6} collisionPadding={8} className="z-50">
          <Base.Popup className={cn(popupSurface, "w-80 max-w-(--available-width) p-4", className)}>
            <Base.Title className={cn("mb-2 text-base font-semibold", titleHidden && "sr-only")}>
              {title}
            </Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
