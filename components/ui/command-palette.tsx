"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { backdropClass, dialogPopupClass } from "#components/ui/dialog.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Spinner } from "#components/ui/spinner.tsx";

export type CommandItem = {
  id: string;
  label: string;
  /** Second line, or what it is. Searched too. */
  detail?: string | undefined;
  icon?: ReactNode;
  keywords?: string[] | undefined;
  shortcut?: string | undefined;
  /** Where to go; or give `onSelect`. */
  href?: string | undefined;
  onSelect?: (() => void) | undefined;
};

export type CommandGroup = { label: string; items: readonly CommandItem[] };

export type CommandPaletteProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  groups: readonly CommandGroup[];
  placeholder?: string | undefined;
  /** For results that come from the server while one types. */
  onQueryChange?: ((query: string) => void) | undefined;
  loading?: boolean | undefined;
};

export function CommandPalette({
  open,
  onOpenChange,
  groups,
  placeholder = "Go to, or do…",
  onQueryChange,
  loading = false,
}: CommandPaletteProps) {
  const router = useRouter();
  const [query, setQuery] = useState("");

  function changeQuery(next: string) {
    setQuery(next);
    onQueryChange?.(next);
  }

  function changeOpen(next: boolean) {
    if (!next) changeQuery("");
    onOpenChange(next);
  }

  function run(item: CommandItem) {
    changeOpen(false);
    if (item.href) router.push(item.href);
    item.onSelect?.();
  }

  return (
    <Base.Root open={open} onOpenChange={changeOpen}>
      <Base.Portal>
        <Base.Backdrop className={backdropClass} />
        <Base.Popup
          className={cn(
            dialogPopupClass,
            "inset-x-2 top-2 bottom-auto max-h-[70dvh] rounded-xl sm:max-w-xl data-ending-style:translate-y-0 data-starting-style:-translate-y-1",
          )}
        >
          <Base.Title className="sr-only">Command palette</Base.Title>
          <Command label="Command palette" loop className="flex min-h-0 flex-col">
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              {loading ? (
                <Spinner className="text-ink-faint" />
              ) : (
                <Search aria-hidden="true" className="size-4 shrink-0 text-ink-faint" />
              )}
              <Command.Input
                value={query}
                onValueChange={changeQuery}
                placeholder={placeholder}
                className="h-12 w-full min-w-0 bg-transparent text-lg text-ink outline-none focus-visible:outline-none"
              />
              <Kbd keys="Esc" className="hidden sm:inline-flex" />
            </div>
            <Command.List className="min-h-0 overflow-y-auto overscroll-contain p-1.5 sm:max-h-[22rem]">
              <Command.Empty className="px-3 py-6 text-center text-base text-ink-muted">
                {loading ? "Searching…" : "Nothing found. Try fewer letters."}
              </Command.Empty>
              {groups.map((group) => (
                <Command.Group
                  key={group.label}
                  heading={group.label}
                  className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-muted"
                >
                  {group.items.map((item) => (
                    <Command.Item
                      key={item.id}
                      value={`${item.label} ${item.detail ?? ""} ${item.id}`}
                      {...(item.keywords ? { keywords: item.keywords } : {})}
                      onSelect={() => run(item)}
                      className="flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 py-1.5 text-base text-ink select-none data-[selected=true]:bg-hover any-pointer-coarse:min-h-11 [&_svg]:size-4"
                    >
                      {item.icon && <span className="text-ink-muted">{item.icon}</span>}
                      <span className="min-w-0 flex-1">
                        <span className="block truncate">{item.label}</span>
                        {item.detail && (
                          <span className="block truncate text-xs text-ink-muted">{item.detail}</span>
                        )}
                      </span>
                      {item.shortcut && <Kbd keys={item.shortcut} />}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
