import type { ReactNode } from "react";

/** One suggestion. `value` is what the form holds, `label` what is shown and searched. */
export type ComboboxItem = {
  value: string;
  label: string;
  /** Second line: an ARN, an account. Searched as well. */
  description?: string | undefined;
  /** At the right: a kind, a region. */
  meta?: string | undefined;
  icon?: ReactNode;
  disabled?: boolean | undefined;
};

export type ComboboxGroup = { label: string; items: readonly ComboboxItem[] };

/** Flat, or in groups with a heading each. */
export type ComboboxItems = readonly ComboboxItem[] | readonly ComboboxGroup[];

export type IndexedGroup = { value: string; items: ComboboxItem[] };

/** Base UI wants one shape: groups. A flat list becomes one group without a heading. */
export function toGroups(items: ComboboxItems): IndexedGroup[] {
  const flat: ComboboxItem[] = [];
  const groups: IndexedGroup[] = [];
  for (const entry of items) {
    if ("items" in entry) groups.push({ value: entry.label, items: [...entry.items] });
    else flat.push(entry);
  }
  return flat.length > 0 ? [{ value: "", items: flat }, ...groups] : groups;
}

export function searchText(item: ComboboxItem): string {
  return `${item.label} ${item.description ?? ""} ${item.meta ?? ""}`;
}

/** Every word of the query must occur somewhere in the item. */
export function matches(item: ComboboxItem, query: string): boolean {
  const haystack = searchText(item).toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

export const listClass =
  "max-h-[min(22rem,var(--available-height))] scroll-py-1 overflow-y-auto overscroll-contain p-1 outline-none data-empty:p-0";
export const groupLabelClass = "px-2 pt-2 pb-1 text-xs font-medium text-ink-muted select-none";
export const noteClass = "flex items-center gap-2 px-3 py-2.5 text-sm text-ink-muted empty:hidden";

/** The inside of a suggestion. */
export function ItemBody({ item }: { item: ComboboxItem }) {
  return (
    <>
      {item.icon && <span className="text-ink-muted">{item.icon}</span>}
      <span className="min-w-0 flex-1">
        <span className="block wrap-anywhere">{item.label}</span>
        {item.description && (
          <span className="block text-xs wrap-anywhere text-ink-muted">{item.description}</span>
        )}
      </span>
      {item.meta && <span className="ml-3 shrink-0 text-xs text-ink-muted">{item.meta}</span>}
    </>
  );
}
