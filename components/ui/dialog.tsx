"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactElement, type ReactNode, useRef } from "react";
import { cn } from "#components/ui/cn.ts";
import { IconButton } from "#components/ui/icon-button.tsx";

export const backdropClass =
  "fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0";

/** Centred from 640 px; below that a panel at the bottom of the screen, in reach of the thumb. */
export const dialogPopupClass = [
  "fixed z-50 flex max-h-[calc(100dvh-2rem)] flex-col border border-line-strong bg-raised text-ink shadow-lg outline-none",
  "inset-x-0 bottom-0 rounded-t-xl sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:top-[12vh] sm:max-h-[76vh] sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:rounded-xl",
  "transition-[opacity,translate] duration-150 ease-out",
  "data-ending-style:translate-y-3 data-ending-style:opacity-0 data-starting-style:translate-y-3 data-starting-style:opacity-0",
].join(" ");

export type DialogProps = {
  /** Opens it; leave it out where `open` is controlled. */
  trigger?: ReactElement | undefined;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  title: ReactNode;
  description?: ReactNode;
  /** Buttons at the bottom. The dialog closes through `open`, or a DialogClose around a button. */
  footer?: ReactNode;
  size?: "sm" | "md" | "lg" | undefined;
  /** Where the focus starts: on the first control, or on the dialog itself where there is something to read first. */
  initialFocus?: "first" | "dialog" | undefined;
  children?: ReactNode;
};

const sizes = { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-3xl" };

export function Dialog({
  trigger,
  open,
  onOpenChange,
  title,
  description,
  footer,
  size = "md",
  initialFocus = "first",
  children,
}: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root {...(open === undefined ? {} : { open })} onOpenChange={(next) => onOpenChange?.(next)}>
      {trigger && <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className={backdropClass} />
        <Base.Popup
          ref={popup}
          {...(initialFocus === "dialog" ? { initialFocus: popup } : {})}
          className={cn(dialogPopupClass, sizes[size])}
        >
          <header className="pt-4 pr-14 pb-3 pl-5">
            <div className="min-w-0">
              <Base.Title className="text-lg font-semibold tracking-[-0.01em] wrap-anywhere">
                {title}
              </Base.Title>
              {description && (
                <Base.Description className="mt-0.5 text-sm text-ink-muted">{description}</Base.Description>
              )}
            </div>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 pb-5">{children}</div>
          {footer && (
            <footer className="flex flex-col-reverse gap-2 border-t border-line px-5 py-3 sm:flex-row sm:justify-end">
              {footer}
            </footer>
          )}
          {/* Last, so that the focus starts on the content. */}
          <Base.Close
            render={
              <IconButton
                label="Close"
                icon={<X aria-hidden="true" />}
                size="sm"
                tooltip={false}
                className="absolute top-3.5 right-4"
              />
            }
          />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Closes the dialog around it. */
export function DialogClose({ children }: { children: ReactElement }) {
  return <Base.Close render={children} />;
}
