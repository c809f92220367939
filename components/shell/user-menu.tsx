"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import { ChevronsUpDown, Keyboard, LogOut } from "lucide-react";
import { useRef } from "react";
import type { ShellUser } from "#components/shell/navigation.ts";
import { Avatar } from "#components/ui/avatar.tsx";
import { Menu, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { ThemeMenuItems } from "#components/ui/theme-switch.tsx";

export type UserMenuProps = {
  user: ShellUser;
  /** A server action; it runs as a form post, so that signing out works like any other form. */
  signOutAction: () => Promise<void>;
  onShowShortcuts: () => void;
  /** Only the avatar, for the top bar. */
  compact?: boolean | undefined;
};

export function UserMenu({ user, signOutAction, onShowShortcuts, compact = false }: UserMenuProps) {
  const form = useRef<HTMLFormElement>(null);
  const trigger = compact ? (
    <button
      type="button"
      aria-label={`Account of ${user.name}`}
      className="grid size-9 place-items-center rounded-md hover:bg-hover any-pointer-coarse:size-10"
    >
      <Avatar name={user.name} />
    </button>
  ) : (
    <button
      type="button"
      aria-label={`Account of ${user.name}`}
      className="flex w-full min-w-0 items-center gap-2.5 rounded-md p-1.5 text-left hover:bg-hover data-popup-open:bg-hover"
    >
      <Avatar name={user.name} />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium text-ink">{user.name}</span>
        <span className="block truncate text-xs text-ink-muted">{user.roles.join(", ")}</span>
      </span>
      <ChevronsUpDown aria-hidden="true" className="size-4 shrink-0 text-ink-faint" />
    </button>
  );
  return (
    <>
      <form ref={form} action={signOutAction} hidden />
      <Menu
        trigger={trigger}
        side={compact ? "bottom" : "top"}
        align={compact ? "end" : "start"}
        className="w-56"
      >
        <BaseMenu.Group>
          <BaseMenu.GroupLabel className="block px-2 py-1.5">
            <span className="block truncate text-base font-medium text-ink">{user.name}</span>
            {user.email && <span className="block truncate text-xs text-ink-muted">{user.email}</span>}
            <span className="block text-xs text-ink-muted">{user.roles.join(", ")}</span>
          </BaseMenu.GroupLabel>
        </BaseMenu.Group>
        <MenuSeparator />
        <ThemeMenuItems />
        <MenuSeparator />
        <MenuItem icon={<Keyboard aria-hidden="true" />} shortcut="?" onSelect={onShowShortcuts}>
          Keyboard shortcuts
        </MenuItem>
        <MenuItem icon={<LogOut aria-hidden="true" />} onSelect={() => form.current?.requestSubmit()}>
          Sign out
        </MenuItem>
      </Menu>
    </>
  );
}
