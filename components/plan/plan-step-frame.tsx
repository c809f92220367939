"use client";

import { ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useShownPlace } from "#components/plan/statement-focus.tsx";
import { cn } from "#components/ui/cn.ts";

export type PlanStepFrameProps = {
  /** The step's key; unique on the page. */
  id: string;
  badge: ReactNode;
  title: string;
  /** How many documents there are to show. */
  documents: number;
  startOpen: boolean;
  /** Always in sight. */
  notes: ReactNode;
  /** The documents, shown on demand. */
  children: ReactNode;
};

/** One step: its head opens and closes the documents. The head is a row of `ListKeys`, so j and k reach it. */
export function PlanStepFrame({
  id,
  badge,
  title,
  documents,
  startOpen,
  notes,
  children,
}: PlanStepFrameProps) {
  const [open, setOpen] = useState(startOpen);
  const shown = useShownPlace();
  const [answered, setAnswered] = useState(0);
  const asked = shown?.stepKey === id ? shown.turn : 0;
  // Somebody asks for a statement in here: each time anew, even if it was closed in between.
  if (asked > answered) {
    setAnswered(asked);
    setOpen(true);
  }
  const headRef = useRef<HTMLButtonElement>(null);
  const whole = asked > 0 && shown?.document === null;
  useEffect(() => {
    if (asked > 0 && whole) headRef.current?.focus();
  }, [asked, whole]);
  const panelId = useId();
  const head = (
    <>
      <ChevronRight
        aria-hidden="true"
        className={cn(
          "mt-0.5 size-4 shrink-0 text-ink-faint transition-transform",
          open && "rotate-90",
          documents === 0 && "invisible",
        )}
      />
      <span className="flex min-w-0 flex-1 flex-wrap items-start gap-x-2.5 gap-y-1">
        <span className="w-26 shrink-0 text-left">{badge}</span>
        <span className="min-w-0 flex-1 basis-56 text-left font-medium wrap-anywhere text-ink">{title}</span>
      </span>
      {documents > 0 && (
        <span className="mt-px hidden shrink-0 text-xs text-ink-faint sm:inline">
          {documents === 1 ? "1 document" : `${documents} documents`}
        </span>
      )}
    </>
  );
  const headClass = "flex w-full items-start gap-2 px-3 py-2.5 text-base sm:px-4";
  return (
    <div>
      {documents > 0 ? (
        <button
          ref={headRef}
          type="button"
          data-row-link=""
          aria-expanded={open}
          aria-controls={panelId}
          onClick={() => setOpen(!open)}
          className={cn(headClass, "hover:bg-hover focus-visible:-outline-offset-2")}
        >
          {head}
        </button>
      ) : (
        <div className={headClass}>{head}</div>
      )}
      <div className="space-y-1.5 px-3 pb-3 pl-9 text-sm empty:hidden sm:px-4 sm:pl-[9.625rem]">{notes}</div>
      <div id={panelId} hidden={!open} className="border-t border-line bg-canvas p-3 sm:p-4">
        {open && children}
      </div>
    </div>
  );
}
