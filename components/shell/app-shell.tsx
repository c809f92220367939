"use client";

import { Menu as MenuIcon, Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { NavigationGroup, NavigationItem, ShellUser } from "#components/shell/navigation.ts";
import { NavigationGlyph } from "#components/shell/navigation-icons.tsx";
import { ShortcutsProvider, useShortcut } from "#components/shell/shortcuts.tsx";
import { ShortcutsDialog } from "#components/shell/shortcuts-dialog.tsx";
import { SidebarNav } from "#components/shell/sidebar-nav.tsx";
import { type SearchAction, useSearch } from "#components/shell/use-search.tsx";
import { UserMenu } from "#components/shell/user-menu.tsx";
import { cn } from "#components/ui/cn.ts";
import { type CommandGroup, CommandPalette } from "#components/ui/command-palette.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Link } from "#components/ui/link.tsx";
import { Logo } from "#components/ui/logo.tsx";
import { Sheet } from "#components/ui/sheet.tsx";

export type AppShellProps = {
  navigation: readonly NavigationGroup[];
  user: ShellUser;
  /** A server action. */
  signOutAction: () => Promise<void>;
  /** "Sandbox: no real AWS account is touched." */
  banner?: ReactNode;
  /** A server action: what has the text in it. */
  searchAction: SearchAction;
  children: ReactNode;
};

/** Sidebar from 1024 px, top bar and menu below; skip link, command palette, shortcuts and their help. */
export function AppShell(props: AppShellProps) {
  return (
    <ShortcutsProvider>
      <Shell {...props} />
    </ShortcutsProvider>
  );
}

function Shell({ navigation, user, signOutAction, searchAction, banner, children }: AppShellProps) {
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (
        event.key.toLowerCase() !== "k" ||
        !(event.metaKey || event.ctrlKey) ||
        event.altKey ||
        event.shiftKey
      )
        return;
      event.preventDefault();
      setPaletteOpen((open) => !open);
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);

  useShortcut({ keys: "?", label: "This help", group: "Everywhere", onPress: () => setHelpOpen(true) });

  const groups = useMemo<CommandGroup[]>(
    () => [
      {
        label: "Go to",
        items: navigation
          .flatMap((group) => group.items)
          .map((item) => ({
            id: item.href,
            label: item.label,
            href: item.href,
            icon: <NavigationGlyph icon={item.icon} />,
            shortcut: item.shortcut,
          })),
      },
    ],
    [navigation],
  );
  const { groups: found, loading, search } = useSearch(searchAction);

  return (
    <>
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md border border-line-strong bg-raised px-3 py-1.5 text-base font-medium text-ink shadow-md focus:translate-y-0"
      >
        Skip to content
      </a>
      {navigation
        .flatMap((group) => group.items)
        .map((item) => item.shortcut && <GoTo key={item.href} item={item} keys={item.shortcut} />)}
      {banner && (
        <aside
          aria-label="Environment"
          className="sticky top-0 z-30 h-7 truncate border-b border-warn-line bg-warn-soft px-4 text-center text-xs leading-[1.6875rem] text-warn-ink"
        >
          {banner}
        </aside>
      )}
      <div
        className={cn(
          "lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]",
          banner ? "[--banner:1.75rem]" : "[--banner:0px]",
        )}
      >
        <aside
          aria-label="Navigation"
          className="sticky top-(--banner) hidden h-[calc(100dvh-var(--banner))] flex-col gap-4 border-r border-line bg-sunken p-3 lg:flex"
        >
          <Link href="/" className="flex w-fit rounded-md px-1.5 py-1" aria-label="Drawbridge, home">
            <Logo />
          </Link>
          <button
            type="button"
            onClick={() => setPaletteOpen(true)}
            className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-base text-ink-muted shadow-sm hover:text-ink"
          >
            <Search aria-hidden="true" className="size-4 shrink-0 text-ink-faint" />
            <span className="flex-1 text-left">Search</span>
            <Kbd keys="Ctrl K" />
          </button>
          <div className="-mx-3 min-h-0 flex-1 overflow-y-auto px-3 py-1">
            <SidebarNav navigation={navigation} />
          </div>
          <UserMenu user={user} signOutAction={signOutAction} onShowShortcuts={() => setHelpOpen(true)} />
        </aside>

        <header className="sticky top-(--banner) z-30 flex h-12 items-center gap-1 border-b border-line bg-surface px-2 lg:hidden">
          <Sheet
            open={menuOpen}
            onOpenChange={setMenuOpen}
            side="left"
            size="sm"
            title="Menu"
            trigger={
              <IconButton label="Open the menu" icon={<MenuIcon aria-hidden="true" />} tooltip={false} />
            }
          >
            <SidebarNav navigation={navigation} onNavigate={() => setMenuOpen(false)} />
          </Sheet>
          <Link href="/" className="flex rounded-md px-1 py-1" aria-label="Drawbridge, home">
            <Logo />
          </Link>
          <span className="flex-1" />
          <IconButton
            label="Search"
            icon={<Search aria-hidden="true" />}
            tooltip={false}
            onClick={() => setPaletteOpen(true)}
          />
          <UserMenu
            compact
            user={user}
            signOutAction={signOutAction}
            onShowShortcuts={() => setHelpOpen(true)}
          />
        </header>

        <main
          id="content"
          tabIndex={-1}
          className="min-w-0 px-4 py-6 outline-none [--sticky-top:calc(var(--banner)+3rem)] focus-visible:outline-none sm:px-6 lg:px-8 lg:[--sticky-top:var(--banner)]"
        >
          <div className="mx-auto max-w-6xl">{children}</div>
        </main>
      </div>
      <CommandPalette
        open={paletteOpen}
        onOpenChange={setPaletteOpen}
        groups={[...groups, ...found]}
        placeholder="Go to a page, a request or an access…"
        onQueryChange={search}
        loading={loading}
      />
      <ShortcutsDialog open={helpOpen} onOpenChange={setHelpOpen} />
    </>
  );
}

/** Makes one navigation entry reachable by its keys. */
function GoTo({ item, keys }: { item: NavigationItem; keys: string }) {
  const router = useRouter();
  useShortcut({ keys, label: item.label, group: "Go to", onPress: () => router.push(item.href) });
  return null;
}
