"use client";

import { RefreshCw } from "lucide-react";
import { useEffect, useState, useTransition } from "react";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type CheckNowButtonProps = {
  /** When it was last compared: a new time is the answer. */
  checkedAt: string | null;
  /** A server action. */
  check: () => Promise<Outcome<unknown>>;
};

/** Milliseconds after which one no longer waits here; the page shows the answer whenever it comes. */
const patienceMs = 30_000;

/** Asks the worker to compare the access with AWS now; the page shows by itself what it finds. */
export function CheckNowButton({ checkedAt, check }: CheckNowButtonProps) {
  const [sending, startTransition] = useTransition();
  const [asked, setAsked] = useState<{ before: string | null } | null>(null);
  const toast = useToast();
  const waiting = asked !== null && asked.before === checkedAt;
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => {
      setAsked(null);
      toast.info({
        title: "Not compared yet",
        body: "A run is at work on this access, or no worker is free. The page shows the answer when it comes.",
      });
    }, patienceMs);
    return () => clearTimeout(timer);
  }, [waiting, toast]);
  return (
    <Button
      size="sm"
      icon={<RefreshCw aria-hidden="true" />}
      pending={sending || waiting}
      onClick={() =>
        startTransition(async () => {
          const outcome = await check();
          if (outcome.ok) setAsked({ before: checkedAt });
          else toast.error({ title: "It is not compared now", body: refusalText(outcome.refusals) });
        })
      }
    >
      Check now
    </Button>
  );
}
