"use client";

import { type ReactNode, useRef } from "react";
import { useShortcut } from "#components/shell/shortcuts.tsx";

/** `j` and `k` move the focus over the row links (RowLink) inside; Enter then opens one, as for any link. */
export function ListKeys({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);

  function move(step: 1 | -1) {
    const links = [...(box.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
    const focused = document.activeElement;
    const at = focused instanceof HTMLElement ? links.indexOf(focused) : -1;
    const next =
      at === -1 ? (step === 1 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
    links[next]?.focus();
  }

  useShortcut({ keys: "j", label: "Next row", group: "Lists", onPress: () => move(1) });
  useShortcut({ keys: "k", label: "Previous row", group: "Lists", onPress: () => move(-1) });
  return <div ref={box}>{children}</div>;
}
