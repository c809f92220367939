"use client";

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { NavigationGlyph } from "#components/shell/navigation-icons.tsx";
import { grantStates, requestStates } from "#components/states/state-words.ts";
import type { CommandGroup, CommandItem } from "#components/ui/command-palette.tsx";
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

function groupsOf(hits: readonly SearchHit[], text: string): CommandGroup[] {
  const requests = hits.flatMap((hit) => (hit.kind === "request" ? [requestItem(hit, text)] : []));
  const access = hits.flatMap((hit) => (hit.kind === "access" ? [accessItem(hit, text)] : []));
  return [
    ...(requests.length > 0 ? [{ label: "Requests", items: requests }] : []),
    ...(access.length > 0 ? [{ label: "Access", items: access }] : []),
  ];
}

function requestItem(hit: Extract<SearchHit, { kind: "request" }>, text: string): CommandItem {
  return {
    id: `request ${hit.id}`,
    label: hit.title,
    detail: `#${hit.id} · ${requestStates[hit.state].label}`,
    href: `/requests/${hit.id}`,
    icon: <NavigationGlyph icon="requests" />,
    // The server has found it, by whatever it is that has the text in it.
    keywords: [text],
  };
}

function accessItem(hit: Extract<SearchHit, { kind: "access" }>, text: string): CommandItem {
  return {
    id: `access ${hit.id}`,
    label: hit.title,
    detail: `${hit.id} · ${grantStates[hit.state].label}`,
    href: `/access/${hit.id}`,
    icon: <NavigationGlyph icon="access" />,
    keywords: [text],
  };
}
