import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

export type EmptyStateProps = {
  icon?: ReactNode;
  title: string;
  /** What would be here, and how it gets here. */
  body?: ReactNode;
  action?: ReactNode;
  className?: string | undefined;
};

export function EmptyState({ icon, title, body, action, className }: EmptyStateProps) {
  return (
    <div className={cn("flex flex-col items-center px-6 py-10 text-center", className)}>
      {icon && (
        <span
          aria-hidden="true"
          className="mb-3 grid size-9 place-items-center rounded-lg border border-line bg-sunken text-ink-faint [&_svg]:size-4.5"
        >
          {icon}
        </span>
      )}
      <p className="text-base font-medium text-ink">{title}</p>
      {body && <p className="mt-1 max-w-sm text-sm text-balance text-ink-muted">{body}</p>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
