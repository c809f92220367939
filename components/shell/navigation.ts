/** The names of the icons a navigation entry may carry: plain data, so that a server layout can pass it. */
export type NavigationIcon =
  | "home"
  | "new"
  | "requests"
  | "access"
  | "history"
  | "playground"
  | "accounts"
  | "clusters"
  | "people"
  | "settings"
  | "findings"
  | "map";

export type NavigationItem = {
  href: string;
  label: string;
  icon: NavigationIcon;
  /** How many things wait there; 0 or nothing shows no badge. */
  count?: number | undefined;
  /** What the count counts, for screen readers: "waiting for you". */
  countLabel?: string | undefined;
  /** A go-to sequence such as `g r`, or a single key. */
  shortcut?: string | undefined;
};

export type NavigationGroup = {
  /** Left out for the first, untitled group. */
  label?: string | undefined;
  items: readonly NavigationItem[];
};

export type ShellUser = {
  name: string;
  email?: string | undefined;
  /** "Approver", "Admin". */
  roles: readonly string[];
};

/** The product's navigation. A layout fills in the counts and whether the person may see the administration. */
export function mainNavigation({
  admin,
  requestsWaiting = 0,
  accessNeedsAttention = 0,
}: {
  admin: boolean;
  requestsWaiting?: number;
  accessNeedsAttention?: number;
}): NavigationGroup[] {
  const groups: NavigationGroup[] = [
    {
      items: [
        { href: "/", label: "Home", icon: "home", shortcut: "g h" },
        { href: "/requests/new", label: "New request", icon: "new", shortcut: "n" },
        {
          href: "/requests",
          label: "Requests",
          icon: "requests",
          shortcut: "g r",
          count: requestsWaiting,
          countLabel: "waiting for you",
        },
        {
          href: "/access",
          label: "Access",
          icon: "access",
          shortcut: "g a",
          count: accessNeedsAttention,
          countLabel: "need attention",
        },
        { href: "/history", label: "History", icon: "history", shortcut: "g y" },
        { href: "/playground", label: "Playground", icon: "playground", shortcut: "g p" },
        { href: "/findings", label: "Findings", icon: "findings", shortcut: "g f" },
      ],
    },
  ];
  if (admin) {
    groups.push({
      label: "Admin",
      items: [
        { href: "/admin/accounts", label: "Accounts", icon: "accounts", shortcut: "g o" },
        { href: "/admin/clusters", label: "Clusters", icon: "clusters", shortcut: "g k" },
      ],
    });
  }
  return groups;
}

/** The entry that the path belongs to: the longest address it starts with. */
export function currentHref(groups: readonly NavigationGroup[], pathname: string): string | null {
  let best: string | null = null;
  for (const item of groups.flatMap((group) => group.items)) {
    const fits =
      item.href === "/" ? pathname === "/" : pathname === item.href || pathname.startsWith(`${item.href}/`);
    if (fits && item.href.length > (best?.length ?? 0)) best = item.href;
  }
  return best;
}
