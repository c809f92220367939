"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { backdropClass } from "#components/ui/dialog.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";

export type SheetProps = {
  trigger?: ReactElement | undefined;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  title: ReactNode;
  titleHidden?: boolean | undefined;
  description?: ReactNode;
  side?: "left" | "right" | undefined;
  size?: "sm" | "md" | "lg" | undefined;
  footer?: ReactNode;
  children: ReactNode;
};

const sizes = { sm: "w-72", md: "w-md", lg: "w-2xl" };
const sides = {
  left: "left-0 border-r data-starting-style:-translate-x-6 data-ending-style:-translate-x-6",
  right: "right-0 border-l data-starting-style:translate-x-6 data-ending-style:translate-x-6",
};

/** A panel from the side: details beside a list, the menu on a small screen. */
export function Sheet({
  trigger,
  open,
  onOpenChange,
  title,
  titleHidden = false,
  description,
  side = "right",
  size = "md",
  footer,
  children,
}: SheetProps) {
  return (
    <Base.Root {...(open === undefined ? {} : { open })} onOpenChange={(next) => onOpenChange?.(next)}>
      {trigger && <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className={backdropClass} />
        <Base.Popup
          className={cn(
            "fixed inset-y-0 z-50 flex max-w-[calc(100vw-2rem)] flex-col border-line-strong bg-raised text-ink shadow-lg outline-none",
            "transition-[opacity,translate] duration-150 ease-out data-ending-style:opacity-0 data-starting-style:opacity-0",
            sizes[size],
            sides[side],
          )}
        >
          <header className="flex min-h-12 items-center border-b border-line py-2 pr-14 pl-4">
            <div className="min-w-0">
              <Base.Title className={cn("text-base font-semibold wrap-anywhere", titleHidden && "sr-only")}>
                {title}
              </Base.Title>
              {description && (
                <Base.Description className="text-sm text-ink-muted">{description}</Base.Description>
              )}
            </div>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-4">{children}</div>
          {footer && (
            <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">{footer}</footer>
          )}
          {/* Last, so that the focus starts on the content. */}
          <Base.Close
            render={
              <IconButton
                label="Close"
                icon={<X aria-hidden="true" />}
                size="sm"
                tooltip={false}
                className="absolute top-2.5 right-3"
              />
            }
          />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
