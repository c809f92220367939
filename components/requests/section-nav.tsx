"use client";

import { useEffect, useState } from "react";
import { cn } from "#components/ui/cn.ts";
import { TabCount, tabClass } from "#components/ui/tab-parts.tsx";

export type SectionLink = { id: string; label: string; count?: number | undefined };

/** The parts of a long page, in sight while it scrolls; the one that is being read is marked. */
export function SectionNav({ label, links }: { label: string; links: readonly SectionLink[] }) {
  const [current, setCurrent] = useState<string | undefined>(undefined);
  const ids = links.map((link) => link.id).join(" ");

  useEffect(() => {
    const sections = ids.split(" ").flatMap((id) => document.getElementById(id) ?? []);
    const inSight = new Set<string>();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) inSight.add(target.id);
          else inSight.delete(target.id);
        }
        setCurrent((before) => sections.find(({ id }) => inSight.has(id))?.id ?? before);
      },
      // A narrow band below the navigation: what stands there is being read.
      { rootMargin: "-104px 0px -70% 0px" },
    );
    for (const section of sections) observer.observe(section);
    return () => observer.disconnect();
  }, [ids]);

  return (
    <nav
      aria-label={label}
      className="sticky top-(--sticky-top,0px) z-20 -mx-4 mb-6 flex gap-1 overflow-x-auto overflow-y-clip border-b border-line bg-canvas px-4 [scrollbar-width:none] sm:-mx-6 sm:px-6 lg:-mx-8 lg:px-8"
    >
      {links.map((link) => (
        <a
          key={link.id}
          href={`#${link.id}`}
          aria-current={current === link.id ? "location" : undefined}
          className={cn(
            tabClass,
            "-mb-px border-b-2 border-transparent",
            current === link.id && "border-accent text-ink",
          )}
        >
          {link.label}
          {link.count !== undefined && <TabCount count={link.count} />}
        </a>
      ))}
    </nav>
  );
}
