import type { ComponentProps, ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "#components/ui/control-styles.ts";
import { Link } from "#components/ui/link.tsx";

export type LinkButtonProps = Omit<ComponentProps<typeof Link>, "className"> & {
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  icon?: ReactNode;
  className?: string | undefined;
};

/** A link that looks like a button: for going somewhere, never for doing something. */
export function LinkButton({ variant, size, icon, className, children, ...props }: LinkButtonProps) {
  return (
    <Link {...props} className={cn(buttonStyles({ variant, size }), className)}>
      {icon}
      {children}
    </Link>
  );
}
