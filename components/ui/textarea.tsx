"use client";

import { Field } from "@base-ui/react/field";
import type { ComponentProps } from "react";
import { cn } from "#components/ui/cn.ts";
import { controlBox } from "#components/ui/control-styles.ts";

export type TextareaProps = Omit<ComponentProps<"textarea">, "className"> & {
  mono?: boolean | undefined;
  className?: string | undefined;
};

/** Grows with its text, from `rows` lines up to half the screen. */
export function Textarea({ mono = false, rows = 3, className, ...props }: TextareaProps) {
  return (
    <Field.Control
      render={
        <textarea
          {...props}
          rows={rows}
          className={cn(
            controlBox,
            "block field-sizing-content max-h-[50dvh] min-h-16 resize-y px-2.5 py-1.5",
            mono && "font-mono text-sm",
            className,
          )}
        />
      }
    />
  );
}
