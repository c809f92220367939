"use client";

import { useEffect, useState } from "react";
import { formatDuration } from "#components/live/duration.ts";

export type ElapsedProps = {
  from: string;
  /** Stands still when it has come. */
  to: string | null;
  /** The moment of rendering. */
  now: string;
};

/** Time since a moment, ticking while it goes on. It starts from the server's `now`, so hydration never differs. */
export function Elapsed({ from, to, now }: ElapsedProps) {
  const [ticked, setTicked] = useState({ since: now, ms: 0 });

  useEffect(() => {
    if (to !== null) return;
    const started = performance.now();
    // The server's clock is what `from` was written by: only what has passed since is measured here.
    const timer = setInterval(() => setTicked({ since: now, ms: performance.now() - started }), 1_000);
    return () => clearInterval(timer);
  }, [to, now]);

  const end = to === null ? Date.parse(now) + (ticked.since === now ? ticked.ms : 0) : Date.parse(to);
  return <span className="tabular-nums">{formatDuration(end - Date.parse(from))}</span>;
}
