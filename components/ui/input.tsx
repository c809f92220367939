"use client";

import { Input as BaseInput } from "@base-ui/react/input";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { controlBox, controlHeight } from "#components/ui/control-styles.ts";

export type InputProps = Omit<ComponentProps<"input">, "className" | "size"> & {
  /** Inside the box, before the text: a magnifier, an account's mark. */
  icon?: ReactNode;
  mono?: boolean | undefined;
  className?: string | undefined;
};

export function Input({ icon, mono = false, className, ...props }: InputProps) {
  const input = (
    <BaseInput
      {...props}
      className={cn(controlBox, controlHeight, "px-2.5", icon && "pl-8", mono && "font-mono", className)}
    />
  );
  if (!icon) return input;
  return (
    <div className="relative w-full min-w-0">
      <span
        aria-hidden="true"
        className="pointer-events-none absolute inset-y-0 left-0 grid w-8 place-items-center text-ink-faint [&_svg]:size-4"
      >
        {icon}
      </span>
      {input}
    </div>
  );
}
