"use client";

import { Check, Copy, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "#components/ui/control-styles.ts";

export type CopyButtonProps = {
  text: string;
  /** What is copied, for its accessible name: "role ARN" → "Copy role ARN". */
  what: string;
  /** Shows the words beside the icon. */
  withText?: boolean | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  className?: string | undefined;
};

type Outcome = "idle" | "copied" | "failed";

/** Copies and says so, on the button and to screen readers. */
export function CopyButton({
  text,
  what,
  withText = false,
  variant = "ghost",
  size = "sm",
  className,
}: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>("idle");

  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  }

  const icon =
    outcome === "copied" ? (
      <Check aria-hidden="true" className="text-success-ink" />
    ) : outcome === "failed" ? (
      <X aria-hidden="true" className="text-danger-ink" />
    ) : (
      <Copy aria-hidden="true" />
    );

  return (
    <>
      {withText ? (
        <Button variant={variant} size={size} icon={icon} className={className} onClick={copy}>
          Copy<span className="sr-only"> {what}</span>
        </Button>
      ) : (
        <button
          type="button"
          title={`Copy ${what}`}
          aria-label={`Copy ${what}`}
          className={cn(buttonStyles({ variant, size, shape: "icon" }), className)}
          onClick={copy}
        >
          {icon}
        </button>
      )}
      <span aria-live="polite" className="sr-only">
        {outcome === "copied" && `Copied ${what}`}
        {outcome === "failed" && `Could not copy ${what}: select the text and copy it by hand`}
      </span>
    </>
  );
}
