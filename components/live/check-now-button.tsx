"use client";

import { RefreshCw } from "lucide-react";
import { useEffect, useState, useTransition } from "react";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Outcome } from "#lib/model/refusal.ts";

export type CheckNowButtonProps = {
  /** When it was last checked: a new time is the answer. */
  checkedAt: string | null;
  /** What is said when no answer comes for long, and when it is refused. */
  late: { title: string; body: string };
  refused: string;
  /** A server action. */
  check: () => Promise<Outcome<unknown>>;
};

/** Milliseconds after which one no longer waits here; the page shows the answer whenever it comes. */
const patienceMs = 30_000;

/** Asks the worker to look now; the page shows by itself what it finds. */
export function CheckNowButton({ checkedAt, late, refused, check }: CheckNowButtonProps) {
  const [sending, startTransition] = useTransition();
  const [asked, setAsked] = useState<{ before: string | null } | null>(null);
  const toast = useToast();
  const waiting = asked !== null && asked.before === checkedAt;
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => {
      setAsked(null);
      toast.info({ title: late.title, body: late.body });
    }, patienceMs);
    return () => clearTimeout(timer);
  }, [waiting, toast, late.title, late.body]);
  return (
    <Button
      size="sm"
      icon={<RefreshCw aria-hidden="true" />}
      pending={sending || waiting}
      onClick={() =>
        startTransition(async () => {
          const outcome = await check();
          if (outcome.ok) setAsked({ before: checkedAt });
          else toast.error({ title: refused, body: refusalText(outcome.refusals) });
        })
      }
    >
      Check now
    </Button>
  );
}
