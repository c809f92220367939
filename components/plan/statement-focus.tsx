"use client";

import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

/** Where in a plan something stands. */
export type PlanPlace = {
  /** The step's key. */
  stepKey: string;
  /** The document's title; null: the step as a whole. */
  document: string | null;
  /** Lines of the document as it will be, from 1, both inclusive; null: the whole document. */
  lines: { from: number; to: number } | null;
};

/** A place that somebody asked to see; `turn` grows each time, so that the same place can be asked for again. */
export type ShownPlace = PlanPlace & { turn: number };

const Context = createContext<{ shown: ShownPlace | null; show: (place: PlanPlace) => void } | null>(null);

/** Around a plan and what speaks of it: a finding shows its statement, the plan opens there. */
export function StatementFocus({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<ShownPlace | null>(null);
  const value = useMemo(
    () => ({
      shown,
      show: (place: PlanPlace) => setShown((before) => ({ ...place, turn: (before?.turn ?? 0) + 1 })),
    }),
    [shown],
  );
  return <Context value={value}>{children}</Context>;
}

/** The place to show; where nothing speaks of the plan there is none. */
export function useShownPlace(): ShownPlace | null {
  return useContext(Context)?.shown ?? null;
}

export function useShowPlace(): (place: PlanPlace) => void {
  const context = useContext(Context);
  return context?.show ?? (() => {});
}
