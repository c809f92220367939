import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";

export type PaginationProps = {
  /** Names the list: "Requests". */
  label: string;
  newerHref?: string | undefined;
  olderHref?: string | undefined;
  /** "Showing 50 requests". Counts of everything are left out on purpose: keyset pages don't know them. */
  summary?: ReactNode;
};

/** Keyset pages: only a newer and an older one. */
export function Pagination({ label, newerHref, olderHref, summary }: PaginationProps) {
  if (!newerHref && !olderHref && !summary) return null;
  const newer = <ChevronLeft aria-hidden="true" />;
  const older = (
    <>
      Older <ChevronRight aria-hidden="true" />
    </>
  );
  return (
    <nav aria-label={`${label} pages`} className="flex w-full flex-wrap items-center justify-between gap-3">
      <p className="text-sm text-ink-muted">{summary}</p>
      <div className="flex gap-2">
        {newerHref ? (
          <LinkButton href={newerHref} size="sm" icon={newer} rel="prev">
            Newer
          </LinkButton>
        ) : (
          <Button size="sm" icon={newer} disabled>
            Newer
          </Button>
        )}
        {olderHref ? (
          <LinkButton href={olderHref} size="sm" rel="next">
            {older}
          </LinkButton>
        ) : (
          <Button size="sm" disabled>
            {older}
          </Button>
        )}
      </div>
    </nav>
  );
}
