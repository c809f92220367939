"use client";

import { Link2, RefreshCw } from "lucide-react";
import { useEffect, useState, useTransition } from "react";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { CodeFrame } from "#components/ui/code-frame.tsx";
import { plainLines } from "#components/ui/code-lines.ts";
import type { Outcome, Refusal } from "#lib/model/refusal.ts";

/** The address of a manifest; `seconds` is how long it will work, by the server's clock. */
export type IssuedUrl = { url: string; seconds: number };

export type ApplyUrlProps = {
  /** A server action that issues an address for this grant. */
  issue: () => Promise<Outcome<IssuedUrl>>;
};

/** One command that connects the workload, good for some minutes and made only when somebody asks for it. */
export function ApplyUrl({ issue }: ApplyUrlProps) {
  const [pending, startTransition] = useTransition();
  const [issued, setIssued] = useState<(IssuedUrl & { at: number }) | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const left = useSecondsLeft(issued);

  function make() {
    startTransition(async () => {
      const outcome = await issue();
      setRefusals(outcome.ok ? [] : outcome.refusals);
      if (outcome.ok) setIssued({ ...outcome.value, at: performance.now() });
    });
  }

  const usable = issued !== null && left > 0;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-64 text-sm text-ink-muted">
          {usable
            ? "Whoever has this address can read the manifest, so keep it to yourself."
            : "One command for the whole manifest. Its address opens without signing in, for 15 minutes."}
        </p>
        <Button
          size="sm"
          pending={pending}
          icon={issued ? <RefreshCw aria-hidden="true" /> : <Link2 aria-hidden="true" />}
          onClick={make}
        >
          {issued ? "Make a new one" : "Make a command"}
        </Button>
      </div>
      <RefusalList title="No address was made" refusals={refusals} />
      {usable && (
        <CodeFrame
          title="kubectl"
          code={`kubectl apply -f '${issued.url}'`}
          lines={plainLines(`kubectl apply -f '${issued.url}'`)}
          wrap
          actions={
            <span className="pr-2 text-xs text-ink-muted tabular-nums" role="timer">
              works for {clock(left)}
            </span>
          }
        />
      )}
      {issued !== null && left <= 0 && (
        <p role="status" className="text-sm text-ink-muted">
          The last address has expired. Make a new one.
        </p>
      )}
    </div>
  );
}

function useSecondsLeft(issued: { seconds: number; at: number } | null): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!issued) return;
    const tick = () => setNow(performance.now());
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [issued]);
  if (!issued) return 0;
  return Math.ceil(issued.seconds - Math.max(0, now - issued.at) / 1_000);
}

/** "14:05" */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
