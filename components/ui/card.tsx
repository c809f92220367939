import { type ReactNode, useId } from "react";
import { cn } from "#components/ui/cn.ts";

export type CardProps = { className?: string | undefined; padded?: boolean | undefined; children: ReactNode };

/** A plain surface. Use `Section` where it has a title. */
export function Card({ className, padded = true, children }: CardProps) {
  return (
    <div
      className={cn("rounded-lg border border-line bg-surface shadow-sm", padded && "p-4 sm:p-5", className)}
    >
      {children}
    </div>
  );
}

export type SectionProps = {
  title: ReactNode;
  description?: ReactNode;
  /** A count or a badge beside the title. */
  meta?: ReactNode;
  actions?: ReactNode;
  footer?: ReactNode;
  /** `flush` leaves out the padding of the body, for tables and lists that reach the border. */
  flush?: boolean | undefined;
  /** `plain` leaves out the box. */
  variant?: "card" | "plain" | undefined;
  headingLevel?: 2 | 3 | undefined;
  id?: string | undefined;
  className?: string | undefined;
  children: ReactNode;
};

/** A titled part of a page: a landmark whose name is its heading. */
export function Section({
  title,
  description,
  meta,
  actions,
  footer,
  flush = false,
  variant = "card",
  headingLevel = 2,
  id,
  className,
  children,
}: SectionProps) {
  const headingId = useId();
  const Heading = headingLevel === 2 ? "h2" : "h3";
  const card = variant === "card";
  return (
    <section
      id={id}
      aria-labelledby={headingId}
      className={cn(card && "rounded-lg border border-line bg-surface shadow-sm", "min-w-0", className)}
    >
      <header
        className={cn(
          "flex flex-wrap items-center justify-between gap-x-4 gap-y-2",
          card ? "min-h-12 border-b border-line px-4 py-2 sm:px-5" : "min-h-8 pb-3",
        )}
      >
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-2">
            <Heading id={headingId} className="text-base font-semibold text-ink">
              {title}
            </Heading>
            {meta}
          </div>
          {description && <p className="text-sm text-ink-muted">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div
        className={cn(
          card && !flush && "p-4 sm:p-5",
          card && flush && !footer && "overflow-clip rounded-b-lg",
        )}
      >
        {children}
      </div>
      {footer && (
        <footer
          className={cn(
            "flex flex-wrap items-center justify-between gap-2 text-sm text-ink-muted",
            card ? "rounded-b-lg border-t border-line bg-sunken px-4 py-3 sm:px-5" : "pt-3",
          )}
        >
          {footer}
        </footer>
      )}
    </section>
  );
}
