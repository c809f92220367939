import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { TabCount, tabClass } from "#components/ui/tab-parts.tsx";

export type TabLink = { href: string; label: string; count?: number | undefined; current: boolean };

/** Filters or sub-pages, each with an address of its own. */
export function TabLinks({ label, links }: { label: string; links: readonly TabLink[] }) {
  return (
    <nav
      aria-label={label}
      className="flex gap-1 overflow-x-auto overflow-y-clip border-b border-line [scrollbar-width:none]"
    >
      {links.map((link) => (
        <Link
          key={link.href}
          href={link.href}
          aria-current={link.current ? "page" : undefined}
          className={cn(
            tabClass,
            "-mb-px border-b-2 border-transparent",
            link.current && "border-accent text-ink",
          )}
        >
          {link.label}
          {link.count !== undefined && <TabCount count={link.count} />}
        </Link>
      ))}
    </nav>
  );
}
