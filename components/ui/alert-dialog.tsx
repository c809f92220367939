"use client";

import { AlertDialog as Base } from "@base-ui/react/alert-dialog";
import { type ReactElement, type ReactNode, useRef, useState, useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { cn } from "#components/ui/cn.ts";
import { backdropClass, dialogPopupClass } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Textarea } from "#components/ui/textarea.tsx";

export type ConfirmResult = { ok: true } | { ok: false; message: string };

export type ConfirmDialogProps = {
  trigger?: ReactElement | undefined;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  title: string;
  description: ReactNode;
  /** The verb and the thing: "Revoke access", never "OK". */
  confirmLabel: string;
  cancelLabel?: string | undefined;
  tone?: "danger" | "default" | undefined;
  /** Asks why; the text reaches `onConfirm`. */
  reason?:
    | { label: string; hint?: string; placeholder?: string; required?: boolean; requiredMessage?: string }
    | undefined;
  /** A name that has to be typed, for what nobody should do in passing; it reaches `onConfirm` as it was typed. */
  typed?: { name: string; why: string } | undefined;
  /** The dialog waits for it, closes on success and shows `message` otherwise. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing has succeeded.
  onConfirm: (reason: string, typed: string) => void | ConfirmResult | Promise<void | ConfirmResult>;
  /** Where the focus starts: on the first control, or on the button that confirms, so that Enter is enough. */
  initialFocus?: "first" | "confirm" | undefined;
  /** More to see before one decides: the resources that go away. */
  children?: ReactNode;
};

export function ConfirmDialog({
  trigger,
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  cancelLabel = "Cancel",
  tone = "default",
  reason,
  typed,
  onConfirm,
  initialFocus = "first",
  children,
}: ConfirmDialogProps) {
  const confirmButton = useRef<HTMLButtonElement>(null);
  const [ownOpen, setOwnOpen] = useState(false);
  const [text, setText] = useState("");
  const [typedName, setTypedName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const [mistyped, setMistyped] = useState(false);
  const [pending, startTransition] = useTransition();
  const isOpen = open ?? ownOpen;

  function changeOpen(next: boolean) {
    if (pending && !next) return;
    if (!next) {
      // What was written stays for the next time, as long as the page is open; a confirmation is typed anew.
      setTypedName("");
      setProblem(null);
      setMissing(false);
      setMistyped(false);
    }
    setOwnOpen(next);
    onOpenChange?.(next);
  }

  function confirm() {
    if (reason?.required && text.trim() === "") {
      setMissing(true);
      return;
    }
    if (typed && typedName.trim() !== typed.name) {
      setMistyped(true);
      return;
    }
    setProblem(null);
    startTransition(async () => {
      const result = await onConfirm(text.trim(), typedName.trim());
      if (result && !result.ok) {
        setProblem(result.message);
        return;
      }
      setText("");
      setTypedName("");
      setOwnOpen(false);
      onOpenChange?.(false);
    });
  }

  return (
    <Base.Root open={isOpen} onOpenChange={changeOpen}>
      {trigger && <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className={backdropClass} />
        <Base.Popup
          {...(initialFocus === "confirm" ? { initialFocus: confirmButton } : {})}
          className={cn(dialogPopupClass, "sm:max-w-md")}
        >
          <form
            className="flex min-h-0 flex-col"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              event.stopPropagation();
              confirm();
            }}
          >
            <div className="min-h-0 flex-1 space-y-4 overflow-y-auto overscroll-contain p-5">
              <div>
                <Base.Title className="text-lg font-semibold tracking-[-0.01em]">{title}</Base.Title>
                <Base.Description className="mt-1 text-base text-ink-muted">{description}</Base.Description>
              </div>
              {children}
              {typed && (
                <Field
                  label={
                    <>
                      Type <span className="font-mono text-accent-ink">{typed.name}</span> to confirm
                    </>
                  }
                  hint={typed.why}
                  error={mistyped ? `Write it as it stands there: ${typed.name}` : undefined}
                >
                  <Input
                    mono
                    autoComplete="off"
                    autoCapitalize="none"
                    spellCheck={false}
                    value={typedName}
                    required
                    onChange={(event) => {
                      setTypedName(event.currentTarget.value);
                      setMistyped(false);
                    }}
                  />
                </Field>
              )}
              {reason && (
                <Field
                  label={reason.label}
                  hint={reason.hint}
                  optional={!reason.required}
                  error={
                    missing
                      ? (reason.requiredMessage ?? "Say why: it becomes part of the record.")
                      : undefined
                  }
                >
                  <Textarea
                    value={text}
                    placeholder={reason.placeholder}
                    required={reason.required}
                    onChange={(event) => {
                      setText(event.currentTarget.value);
                      setMissing(false);
                    }}
                    onKeyDown={(event) => {
                      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) confirm();
                    }}
                  />
                </Field>
              )}
              {problem && <Callout tone="danger" role="alert" title={problem} />}
            </div>
            <footer className="flex flex-col-reverse gap-2 border-t border-line px-5 py-3 sm:flex-row sm:justify-end">
              <Base.Close render={<Button disabled={pending}>{cancelLabel}</Button>} />
              <Button
                ref={confirmButton}
                type="submit"
                variant={tone === "danger" ? "danger" : "primary"}
                pending={pending}
              >
                {confirmLabel}
              </Button>
            </footer>
          </form>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
