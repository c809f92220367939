"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useTransition } from "react";

/** A kind of row and the row, as the change feed names them; without an id, every row that the person may see. */
export type LiveTopic = { topic: string; id?: string | undefined };

export type LiveRefreshOptions = {
  /** Off: nothing can change any more (a finished run). */
  active?: boolean | undefined;
  /** How often to look while the stream is down. */
  pollMs?: number | undefined;
  /** Where the change feed stood before the page was read: what came after is told. Without it, all is read twice. */
  since?: string | undefined;
};

const DEBOUNCE_MS = 250;
const POLL_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Renders the page anew when something that it shows has changed. One stream a page, closed while the page is hidden:
 * browsers give an origin six connections over HTTP/1.1, which a few forgotten tabs would use up. While the stream is
 * down the page looks every few seconds instead.
 */
export function useLiveRefresh(
  topics: readonly LiveTopic[],
  { active = true, pollMs = POLL_MS, since }: LiveRefreshOptions = {},
): void {
  const refresh = useCalmRefresh();
  const query = eventQuery(topics);
  // Each rendering has a newer one; only the first stream of a page begins at it.
  const position = useRef(since);
  useEffect(() => {
    position.current = since;
  });

  useEffect(() => {
    if (!active || query === "") return;
    return follow(`/api/events?${query}`, pollMs, position.current, refresh);
  }, [active, query, pollMs, refresh]);
}

/** One at a time: what changes while the page is being rendered is rendered once more, however often it changed. */
function useCalmRefresh(): () => void {
  const router = useRouter();
  const [rendering, startTransition] = useTransition();
  const state = useRef({ rendering: false, again: false });

  const refresh = useCallback(() => {
    if (state.current.rendering) {
      state.current.again = true;
      return;
    }
    state.current = { rendering: true, again: false };
    startTransition(() => router.refresh());
  }, [router]);

  useEffect(() => {
    if (rendering) return;
    const { again } = state.current;
    state.current = { rendering: false, again: false };
    if (again) refresh();
  }, [rendering, refresh]);

  return refresh;
}

/** The hook as an element, for pages that are server components. */
export function LiveRefresh({ topics, ...options }: LiveRefreshOptions & { topics: readonly LiveTopic[] }) {
  useLiveRefresh(topics, options);
  return null;
}

function eventQuery(topics: readonly LiveTopic[]): string {
  const query = new URLSearchParams();
  for (const { topic, id } of topics) {
    query.append("topic", topic);
    query.append("id", id ?? "");
  }
  return query.toString();
}

/** @returns the function that stops it */
function follow(url: string, pollMs: number, since: string | undefined, refresh: () => void): () => void {
  let source: EventSource | null = null;
  let retryMs = FIRST_RETRY_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;
  let debounce: ReturnType<typeof setTimeout> | undefined;
  /**
   * Something may have been missed: between the page's rendering and its listening, where the feed's position was
   * not known then, or while the stream was down or the page hidden.
   */
  let stale = since === undefined;
  let from = since ? `&since=${encodeURIComponent(since)}` : "";

  function soon() {
    clearTimeout(debounce);
    debounce = setTimeout(refresh, DEBOUNCE_MS);
  }

  function open() {
    close();
    source = new EventSource(url + from);
    from = "";
    source.addEventListener("ready", () => {
      clearInterval(poll);
      poll = undefined;
      retryMs = FIRST_RETRY_MS;
      if (stale) soon();
      stale = false;
    });
    source.addEventListener("change", soon);
    // The browser's own retries ignore refusals and have no back-off, so ours replace them.
    source.addEventListener("error", () => {
      close();
      stale = true;
      poll ??= setInterval(soon, pollMs);
      retry = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function pause() {
    close();
    clearInterval(poll);
    poll = undefined;
    stale = true;
  }

  function onVisibility() {
    if (document.hidden) pause();
    else open();
  }

  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(debounce);
    pause();
  };
}
