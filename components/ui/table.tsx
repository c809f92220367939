import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";

/*
 * Below 640 px every row becomes a small stack, each value under its column's name. `display: block` takes the table
 * semantics away in some browsers, so the roles are stated.
 */
const roles = {
  table: { role: "table" },
  rowgroup: { role: "rowgroup" },
  row: { role: "row" },
  columnheader: { role: "columnheader" },
  cell: { role: "cell" },
} as const;

export type TableColumn = {
  label: string;
  align?: "start" | "end" | undefined;
  /** Keeps the name for assistive technology only: a column of buttons. */
  hidden?: boolean | undefined;
  className?: string | undefined;
};

export type TableProps = {
  /** Names the table; not visible. */
  caption: string;
  columns: readonly TableColumn[];
  /** The header stays in sight while the page scrolls. */
  stickyHeader?: boolean | undefined;
  className?: string | undefined;
  /** TableRow elements. */
  children: ReactNode;
};

export function Table({ caption, columns, stickyHeader = true, className, children }: TableProps) {
  return (
    <table {...roles.table} className={cn("block w-full text-left text-base sm:table", className)}>
      <caption className="sr-only">{caption}</caption>
      <thead {...roles.rowgroup} className="sr-only sm:not-sr-only sm:table-header-group">
        <tr {...roles.row}>
          {columns.map((column) => (
            <th
              key={column.label}
              {...roles.columnheader}
              scope="col"
              className={cn(
                "h-9 border-b border-line bg-surface px-3 text-xs font-medium whitespace-nowrap text-ink-muted first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5",
                stickyHeader && "sm:sticky sm:top-(--sticky-top,0px) sm:z-10",
                column.align === "end" && "text-right",
                column.className,
              )}
            >
              <span className={cn(column.hidden && "sr-only")}>{column.label}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...roles.rowgroup} className="block divide-y divide-line sm:table-row-group">
        {children}
      </tbody>
    </table>
  );
}

export type TableRowProps = {
  /** Marks the row as chosen. */
  selected?: boolean | undefined;
  className?: string | undefined;
  /** TableCell elements. */
  children: ReactNode;
};

export function TableRow({ selected = false, className, children }: TableRowProps) {
  return (
    <tr
      {...roles.row}
      data-selected={selected || undefined}
      className={cn(
        "relative block px-4 py-3 transition-colors hover:bg-hover data-selected:bg-accent-soft sm:table-row sm:p-0",
        "has-[a[data-row-link]:focus-visible]:outline-2 has-[a[data-row-link]:focus-visible]:-outline-offset-2 has-[a[data-row-link]:focus-visible]:outline-focus",
        className,
      )}
    >
      {children}
    </tr>
  );
}

export type TableCellProps = {
  /** The column's name, shown before the value on a small screen. Leave it out for the first, leading cell. */
  label?: string | undefined;
  align?: "start" | "end" | undefined;
  mono?: boolean | undefined;
  className?: string | undefined;
  children: ReactNode;
};

export function TableCell({ label, align = "start", mono = false, className, children }: TableCellProps) {
  return (
    <td
      {...roles.cell}
      className={cn(
        "block min-w-0 sm:table-cell sm:h-11 sm:px-3 sm:py-2 sm:align-middle sm:first:pl-5 sm:last:pr-5",
        label && "flex items-baseline gap-3 py-0.5 sm:table-cell",
        !label && "pb-1 sm:pb-2",
        align === "end" && "sm:text-right",
        mono && "font-mono text-sm",
        className,
      )}
    >
      {label && (
        <span aria-hidden="true" className="w-24 shrink-0 font-sans text-xs text-ink-muted sm:hidden">
          {label}
        </span>
      )}
      <span className="block min-w-0 wrap-anywhere">{children}</span>
    </td>
  );
}

/** A row of one cell across all columns: what stands for rows that are folded. */
export function TableSpan({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <tr {...roles.row} className="block sm:table-row">
      <td {...roles.cell} colSpan={columns} className="block sm:table-cell">
        {children}
      </td>
    </tr>
  );
}

/** The row's main link; its target covers the whole row. Other links and buttons of the row need `relative z-1`. */
export function RowLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      data-row-link=""
      className="font-medium text-ink outline-none after:absolute after:inset-0 hover:text-accent-ink focus-visible:outline-none"
    >
      {children}
    </Link>
  );
}
