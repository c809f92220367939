"use client";

import { Toast as Base } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { buttonStyles } from "#components/ui/control-styles.ts";

type Kind = "info" | "success" | "danger";

const icons: Record<Kind, ReactNode> = {
  info: <Info aria-hidden="true" className="size-4 text-info-ink" />,
  success: <CircleCheck aria-hidden="true" className="size-4 text-success-ink" />,
  danger: <CircleAlert aria-hidden="true" className="size-4 text-danger-ink" />,
};

function isKind(value: string | undefined): value is Kind {
  return value !== undefined && value in icons;
}

/** Stands once, in the root layout. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider limit={4}>
      {children}
      <Base.Portal>
        <Base.Viewport className="fixed inset-x-4 bottom-4 z-70 flex flex-col gap-2 outline-none sm:right-6 sm:bottom-6 sm:left-auto sm:w-88">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function Toasts() {
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      swipeDirection={["right", "down"]}
      className="w-full translate-x-(--toast-swipe-movement-x) translate-y-(--toast-swipe-movement-y) rounded-lg border border-line-strong bg-raised text-ink shadow-lg transition-[opacity,translate] duration-150 ease-out data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-2 data-starting-style:opacity-0"
    >
      <Base.Content className="flex items-start gap-2.5 py-2.5 pr-2 pl-3">
        <span className="mt-[3px] shrink-0">{icons[isKind(toast.type) ? toast.type : "info"]}</span>
        <div className="min-w-0 flex-1">
          <Base.Title className="text-base font-medium wrap-anywhere" />
          <Base.Description className="text-sm wrap-anywhere text-ink-muted" />
          {toast.actionProps && <Base.Action className={buttonStyles({ size: "sm", className: "mt-2" })} />}
        </div>
        <Base.Close
          aria-label="Dismiss"
          className="grid size-6 shrink-0 place-items-center rounded-sm text-ink-faint hover:bg-hover hover:text-ink"
        >
          <X aria-hidden="true" className="size-3.5" />
        </Base.Close>
      </Base.Content>
    </Base.Root>
  ));
}

export type ToastOptions = {
  title: string;
  body?: ReactNode;
  /** One thing to do about it; never the only way to do it. */
  action?: { label: string; onSelect: () => void } | undefined;
};

export type ToastApi = {
  success: (options: ToastOptions | string) => void;
  info: (options: ToastOptions | string) => void;
  /** Stays until it is dismissed. Errors that belong to a form go beside the form. */
  error: (options: ToastOptions | string) => void;
};

export function useToast(): ToastApi {
  const { add } = Base.useToastManager();
  return useMemo(() => {
    const show = (type: Kind) => (options: ToastOptions | string) => {
      const { title, body, action }: ToastOptions =
        typeof options === "string" ? { title: options } : options;
      add({
        type,
        title,
        description: body,
        timeout: type === "danger" ? 0 : 6000,
        ...(action ? { actionProps: { children: action.label, onClick: action.onSelect } } : {}),
      });
    };
    return { success: show("success"), info: show("info"), error: show("danger") };
  }, [add]);
}
