"use client";

import type { ReactNode } from "react";
import { type PlanPlace, useShowPlace } from "#components/plan/statement-focus.tsx";

/** The title of a finding: pressed, it shows the statement in the plan. A row of `ListKeys`. */
export function ShowPlace({ place, children }: { place: PlanPlace; children: ReactNode }) {
  const show = useShowPlace();
  return (
    <button
      type="button"
      data-row-link=""
      onClick={() => show({ stepKey: place.stepKey, document: place.document, lines: place.lines })}
      className="rounded-xs text-left font-medium wrap-anywhere text-ink underline decoration-line-strong underline-offset-[3px] hover:decoration-current"
    >
      {children}
    </button>
  );
}
