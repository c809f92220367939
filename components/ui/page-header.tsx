import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "#components/ui/link.tsx";

export type Breadcrumb = { label: string; href: string };

export type PageHeaderProps = {
  title: ReactNode;
  description?: ReactNode;
  /** A status badge beside the title. */
  status?: ReactNode;
  /** Small facts under the title: who, when, which account. Separated by the layout. */
  meta?: ReactNode;
  actions?: ReactNode;
  /** The way back up; the current page is left out. */
  breadcrumbs?: Breadcrumb[] | undefined;
};

export function PageHeader({ title, description, status, meta, actions, breadcrumbs }: PageHeaderProps) {
  return (
    <header className="mb-6">
      {breadcrumbs && breadcrumbs.length > 0 && (
        <nav aria-label="Breadcrumb" className="mb-2">
          <ol className="flex flex-wrap items-center gap-1 text-sm text-ink-muted">
            {breadcrumbs.map((crumb, index) => (
              <li key={crumb.href} className="flex items-center gap-1">
                {index > 0 && <ChevronRight aria-hidden="true" className="size-3.5 text-ink-faint" />}
                <Link
                  href={crumb.href}
                  className="-mx-1 rounded-sm px-1 py-0.5 hover:bg-hover hover:text-ink"
                >
                  {crumb.label}
                </Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <h1
              tabIndex={-1}
              className="min-w-0 text-xl font-semibold tracking-[-0.014em] wrap-anywhere text-ink"
            >
              {title}
            </h1>
            {status}
          </div>
          {description && <p className="mt-1.5 max-w-prose text-base text-ink-muted">{description}</p>}
          {meta && (
            <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-ink-muted">
              {meta}
            </div>
          )}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </header>
  );
}
