import type { ComponentProps } from "react";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";

export type TextLinkProps = Omit<ComponentProps<typeof Link>, "className"> & {
  className?: string | undefined;
};

/** A link within text: underlined, so that it never depends on colour. */
export function TextLink({ className, ...props }: TextLinkProps) {
  return (
    <Link
      {...props}
      className={cn(
        "rounded-xs text-accent-ink underline decoration-accent-line underline-offset-[3px] transition-[text-decoration-color] hover:decoration-current",
        className,
      )}
    />
  );
}
