"use client";

import { type ReactNode, useRef } from "react";
import { useShortcut } from "#components/shell/shortcuts.tsx";

/** `j` and `k` move the focus over the row links (RowLink) inside; Enter then opens one, as for any link. */
export function ListKeys({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);

  function move(step: 1 | -1) {
    const links = [...(box.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
    const focused = document.activeElement;
    const next = nextOf(links, focused instanceof HTMLElement ? focused : null, step);
    links[next]?.focus();
  }

  useShortcut({ keys: "j", label: "Next row", group: "Lists", onPress: () => move(1) });
  useShortcut({ keys: "k", label: "Previous row", group: "Lists", onPress: () => move(-1) });
  return <div ref={box}>{children}</div>;
}

/** From the row that has the focus, or from the last one before whatever has it; else from the end. */
function nextOf(rows: readonly HTMLElement[], focused: HTMLElement | null, step: 1 | -1): number {
  const before = rows.findLastIndex(
    (row) => focused && row.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  const at = focused ? rows.indexOf(focused) : -1;
  if (at === -1 && before === -1) return step === 1 ? 0 : rows.length - 1;
  const from = at === -1 && step === -1 ? before + 1 : at === -1 ? before : at;
  return Math.min(rows.length - 1, Math.max(0, from + step));
}
