"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { NavigationIcon } from "#components/shell/navigation.ts";
import { NavigationGlyph } from "#components/shell/navigation-icons.tsx";
import { grantStates, requestStates } from "#components/states/state-words.ts";
import type { CommandGroup } from "#components/ui/command-palette.tsx";
import type { GrantState, RequestState } from "#lib/model/states.ts";

/** Something that was found, with where it leads. */
export type SearchHit =
  | { kind: "request"; id: string; title: string; state: RequestState }
  | { kind: "access"; id: string; title: string; state: GrantState };

export type SearchAction = (text: string) => Promise<SearchHit[]>;

const debounceMs = 150;
/** One letter is in everything. */
const shortest = 2;

/** What the server finds for what is typed into the palette; of answers that cross, the last question's counts. */
export function useSearch(action: SearchAction) {
  const [found, setFound] = useState<{ text: string; hits: SearchHit[] }>({ text: "", hits: [] });
  const [asked, setAsked] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef("");

  const search = useCallback(
    (typed: string) => {
      const text = typed.trim();
      clearTimeout(timer.current);
      const wanted = text.length < shortest ? "" : text;
      latest.current = wanted;
      setAsked(wanted);
      if (wanted === "") return setFound({ text: "", hits: [] });
      timer.current = setTimeout(async () => {
        const hits = await action(text).catch(() => []);
        if (latest.current === text) setFound({ text, hits });
      }, debounceMs);
    },
    [action],
  );
  useEffect(() => () => clearTimeout(timer.current), []);

  const groups = useMemo(() => groupsOf(found.hits, asked), [found.hits, asked]);
  return { groups, loading: asked !== found.text, search };
}

interface KindWords {
  label: string;
  icon: NavigationIcon;
  path: string;
  /** Before an id. */
  sign: string;
  states: Record<string, { label: string }>;
}

const kinds: Record<SearchHit["kind"], KindWords> = {
  request: { label: "Requests", icon: "requests", path: "/requests", sign: "#", states: requestStates },
  access: { label: "Access", icon: "access", path: "/access", sign: "", states: grantStates },
};

function groupsOf(hits: readonly SearchHit[], text: string): CommandGroup[] {
  return Object.entries(kinds).flatMap(([kind, { label, icon, path, sign, states }]) => {
    const items = hits
      .filter((hit) => hit.kind === kind)
      .map(({ id, title, state }) => ({
        id: `${kind} ${id}`,
        label: title,
        detail: `${sign}${id} · ${states[state]?.label}`,
        href: `${path}/${id}`,
        icon: <NavigationGlyph icon={icon} />,
        // The server has found it, by whatever it is that has the text in it.
        keywords: [text],
      }));
    return items.length > 0 ? [{ label, items }] : [];
  });
}
