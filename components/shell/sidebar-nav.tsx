"use client";

import { usePathname } from "next/navigation";
import { currentHref, type NavigationGroup } from "#components/shell/navigation.ts";
import { NavigationGlyph } from "#components/shell/navigation-icons.tsx";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";

export function SidebarNav({
  navigation,
  onNavigate,
}: {
  navigation: readonly NavigationGroup[];
  onNavigate?: (() => void) | undefined;
}) {
  const current = currentHref(navigation, usePathname());
  return (
    <nav aria-label="Main" className="space-y-5">
      {navigation.map((group) => (
        <div key={group.label ?? "main"}>
          {group.label && <p className="mb-1 px-2 text-xs font-medium text-ink-faint">{group.label}</p>}
          <ul className="space-y-px">
            {group.items.map((item) => {
              const isCurrent = item.href === current;
              return (
                <li key={item.href}>
                  <Link
                    href={item.href}
                    onClick={() => onNavigate?.()}
                    aria-current={isCurrent ? "page" : undefined}
                    className={cn(
                      "flex h-8 items-center gap-2.5 rounded-md px-2 text-base text-ink-muted transition-colors hover:bg-hover hover:text-ink focus-visible:outline-offset-0 any-pointer-coarse:h-10 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-faint",
                      isCurrent && "bg-pressed font-medium text-ink hover:bg-pressed [&_svg]:text-accent-ink",
                    )}
                  >
                    <NavigationGlyph icon={item.icon} />
                    <span className="min-w-0 flex-1 truncate">{item.label}</span>
                    {item.count ? (
                      <span className="min-w-5 rounded-full bg-accent px-1.5 text-center text-2xs leading-4.5 font-semibold text-on-accent tabular-nums">
                        {item.count > 99 ? "99+" : item.count}
                        <span className="sr-only"> {item.countLabel}</span>
                      </span>
                    ) : null}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
