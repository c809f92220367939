"use client";

import { Autocomplete as Base } from "@base-ui/react/autocomplete";
import { type ReactNode, type Ref, useMemo } from "react";
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

export type SuggestInputProps = {
  items: ComboboxItems;
  /** The text itself. Choosing a suggestion puts its `value` here. */
  value: string;
  onValueChange: (value: string) => void;
  /** Called with the whole item when a suggestion is taken. */
  onItemSelect?: ((item: ComboboxItem) => void) | undefined;
  /** Enter takes the first suggestion that matches. Where any text will do, leave it off. */
  autoHighlight?: boolean | undefined;
  /** The items come from elsewhere, already filtered by the text. */
  external?: boolean | undefined;
  loading?: boolean | undefined;
  /** Shown when nothing matches: say that the text is fine as it is. */
  emptyText?: ReactNode;
  placeholder?: string | undefined;
  name?: string | undefined;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
  mono?: boolean | undefined;
  inputRef?: Ref<HTMLInputElement> | undefined;
  onBlur?: (() => void) | undefined;
  "aria-label"?: string | undefined;
  className?: string | undefined;
};

/** Free text with suggestions: a service account that may not exist yet, or any pasted ARN. */
export function SuggestInput({
  items,
  value,
  onValueChange,
  onItemSelect,
  autoHighlight = false,
  external = false,
  loading = false,
  emptyText = null,
  placeholder,
  name,
  disabled = false,
  required = false,
  mono = false,
  inputRef,
  onBlur,
  className,
  ...aria
}: SuggestInputProps) {
  const groups = useMemo(() => toGroups(items), [items]);
  // Once the text is exactly one of the suggestions the whole list shows again, so that another can be chosen.
  const exact = groups.some((group) => group.items.some((item) => item.value === value));

  return (
    <Base.Root
      items={groups}
      value={value}
      onValueChange={(next) => onValueChange(next)}
      itemToStringValue={(item) => item.value}
      filter={external || exact ? null : matches}
      limit={200}
      openOnInputClick
      autoHighlight={autoHighlight}
      name={name}
      disabled={disabled}
      required={required}
    >
      <Base.InputGroup className="relative w-full min-w-0">
        <Base.Input
          {...aria}
          {...(placeholder === undefined ? {} : { placeholder })}
          {...(inputRef === undefined ? {} : { ref: inputRef })}
          {...(onBlur === undefined ? {} : { onBlur: () => onBlur() })}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className={cn(
            controlBox,
            controlHeight,
            "px-2.5",
            loading && "pr-8",
            mono && "font-mono",
            className,
          )}
        />
        {loading && (
          <span className="pointer-events-none absolute inset-y-0 right-2 grid place-items-center text-ink-faint">
            <Spinner className="size-3.5" />
          </span>
        )}
      </Base.InputGroup>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup
            aria-busy={loading || undefined}
            className={cn(
              popupSurface,
              "w-(--anchor-width) min-w-60 max-w-(--available-width)",
              !loading && !emptyText && "data-empty:hidden",
            )}
          >
            <Base.Status className={noteClass}>{loading ? "Looking…" : null}</Base.Status>
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
                        onClick={() => onItemSelect?.(item)}
                        className={popupItem}
                      >
                        <ItemBody item={item} />
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
