import { Button as BaseButton } from "@base-ui/react/button";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "#components/ui/control-styles.ts";
import { Spinner } from "#components/ui/spinner.tsx";

export type ButtonProps = Omit<ComponentProps<"button">, "className"> & {
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  /** Shown before the text; a spinner takes its place (or lies over the text) while `pending`. */
  icon?: ReactNode;
  /** The act is under way: the button keeps its width and its focus, and ignores clicks. */
  pending?: boolean | undefined;
  className?: string | undefined;
};

export function Button({
  variant,
  size,
  icon,
  pending = false,
  disabled = false,
  type = "button",
  className,
  children,
  ...props
}: ButtonProps) {
  return (
    <BaseButton
      {...props}
      type={type}
      disabled={disabled || pending}
      focusableWhenDisabled={pending}
      aria-busy={pending || undefined}
      className={cn(buttonStyles({ variant, size }), className)}
    >
      {icon && (pending ? <Spinner /> : icon)}
      {!icon && pending && (
        <span className="absolute inset-0 grid place-items-center">
          <Spinner />
        </span>
      )}
      <span className={cn("inline-flex items-center gap-1.5", !icon && pending && "opacity-0")}>
        {children}
      </span>
    </BaseButton>
  );
}
