"use client";

import { Combobox as Base } from "@base-ui/react/combobox";
import { Check, ChevronsUpDown, X } from "lucide-react";
import { type FocusEvent, type Ref, useMemo } from "react";
import { cn } from "#components/ui/cn.ts";
import {
  type ComboboxItem,
  type ComboboxItems,
  groupLabelClass,
  type IndexedGroup,
  ItemBody,
  listClass,
  matches,
  noteClass,
  toGroups,
} from "#components/ui/combobox-list.tsx";
import { controlBox, controlHeight, popupItem, popupSurface } from "#components/ui/control-styles.ts";
import { Spinner } from "#components/ui/spinner.tsx";

export type ComboboxProps = {
  items: ComboboxItems;
  /** The chosen item's `value`; null while nothing is chosen. */
  value: string | null;
  onValueChange: (value: string | null) => void;
  /** For lists that are searched elsewhere: called as one types; the filter here is then off. */
  onQueryChange?: ((query: string) => void) | undefined;
  loading?: boolean | undefined;
  placeholder?: string | undefined;
  emptyText?: string | undefined;
  clearable?: boolean | undefined;
  name?: string | undefined;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
  mono?: boolean | undefined;
  inputRef?: Ref<HTMLInputElement> | undefined;
  /** The focus has left the input and its list. */
  onBlur?: (() => void) | undefined;
  "aria-label"?: string | undefined;
  className?: string | undefined;
};

/** Choose one of a known list by typing. For free text with suggestions see SuggestInput. */
export function Combobox({
  items,
  value,
  onValueChange,
  onQueryChange,
  loading = false,
  placeholder,
  emptyText = "Nothing matches.",
  clearable = false,
  name,
  disabled = false,
  required = false,
  mono = false,
  inputRef,
  onBlur,
  className,
  ...aria
}: ComboboxProps) {
  function blurred({ currentTarget, relatedTarget }: FocusEvent<HTMLInputElement>) {
    const inside =
      relatedTarget instanceof Element &&
      (currentTarget.parentElement?.contains(relatedTarget) || relatedTarget.closest('[role="listbox"]'));
    if (!inside) onBlur?.();
  }
  const groups = useMemo(() => toGroups(items), [items]);
  // A value that the list does not (yet) hold still shows, by itself.
  const selected = useMemo<ComboboxItem | null>(() => {
    if (value === null) return null;
    const known = groups.flatMap((group) => group.items).find((item) => item.value === value);
    return known ?? { value, label: value };
  }, [groups, value]);

  return (
    <Base.Root<ComboboxItem>
      items={groups}
      value={selected}
      onValueChange={(item) => onValueChange(item?.value ?? null)}
      onInputValueChange={(query, details) => {
        if (details.reason === "input-change" || details.reason === "input-clear") onQueryChange?.(query);
      }}
      itemToStringLabel={(item) => item.label}
      itemToStringValue={(item) => item.value}
      isItemEqualToValue={(item, other) => item.value === other.value}
      filter={onQueryChange ? null : matches}
      limit={200}
      autoHighlight
      name={name}
      disabled={disabled}
      required={required}
    >
      <Base.InputGroup className="relative w-full min-w-0">
        <Base.Input
          {...aria}
          {...(placeholder === undefined ? {} : { placeholder })}
          {...(inputRef === undefined ? {} : { ref: inputRef })}
          {...(onBlur === undefined ? {} : { onBlur: blurred })}
          autoComplete="off"
          spellCheck={false}
          className={cn(
            controlBox,
            controlHeight,
            "truncate pl-2.5",
            clearable ? "pr-14" : "pr-8",
            mono && "font-mono",
            className,
          )}
        />
        <div className="absolute inset-y-0 right-1 flex items-center text-ink-faint">
          {clearable && (
            <Base.Clear
              aria-label="Clear"
              className="grid size-6 place-items-center rounded-sm hover:bg-hover hover:text-ink"
            >
              <X aria-hidden="true" className="size-3.5" />
            </Base.Clear>
          )}
          <Base.Trigger
            aria-label="Show the list"
            className="grid size-6 place-items-center rounded-sm hover:bg-hover hover:text-ink"
          >
            {loading ? (
              <Spinner className="size-3.5" />
            ) : (
              <ChevronsUpDown aria-hidden="true" className="size-4" />
            )}
          </Base.Trigger>
        </div>
      </Base.InputGroup>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup
            aria-busy={loading || undefined}
            className={cn(popupSurface, "w-(--anchor-width) min-w-60 max-w-(--available-width)")}
          >
            <Base.Status className={noteClass}>{loading ? "Loading…" : null}</Base.Status>
            <Base.Empty className={noteClass}>{loading ? null : emptyText}</Base.Empty>
            <Base.List className={listClass}>
              {(group: IndexedGroup) => (
                <Base.Group key={group.value} items={group.items}>
                  {group.value && (
                    <Base.GroupLabel className={groupLabelClass}>{group.value}</Base.GroupLabel>
                  )}
                  <Base.Collection>
                    {(item: ComboboxItem) => (
                      <Base.Item
                        key={item.value}
                        value={item}
                        disabled={item.disabled ?? false}
                        className={popupItem}
                      >
                        <ItemBody item={item} />
                        <Base.ItemIndicator className="text-accent-ink">
                          <Check aria-hidden="true" />
                        </Base.ItemIndicator>
                      </Base.Item>
                    )}
                  </Base.Collection>
                </Base.Group>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
