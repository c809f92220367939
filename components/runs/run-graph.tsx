"use client";

import dynamic from "next/dynamic";
import { useMemo, useSyncExternalStore } from "react";
import type { RunStepData } from "#components/runs/run-data.ts";
import { layoutRun } from "#components/runs/run-layout.ts";

const RunCanvas = dynamic(
  () => import("#components/runs/run-canvas.tsx").then((module) => module.RunCanvas),
  {
    ssr: false,
  },
);

const wide = "(min-width: 40rem)";

function subscribe(onChange: () => void): () => void {
  const query = window.matchMedia(wide);
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}

/**
 * The steps as a graph, one lane an account. Its place is kept free from the first paint, so nothing moves when the
 * drawing library arrives; below 640 px there is only the list.
 */
export function RunGraph({ steps }: { steps: readonly RunStepData[] }) {
  const layout = useMemo(() => layoutRun(steps), [steps]);
  const shown = useSyncExternalStore(
    subscribe,
    () => window.matchMedia(wide).matches,
    () => false,
  );
  if (layout.steps.length === 0) return null;
  return (
    <div
      className="mx-auto hidden w-full sm:block"
      style={{ aspectRatio: `${layout.width} / ${layout.height}`, maxWidth: layout.width }}
    >
      {shown && <RunCanvas layout={layout} />}
    </div>
  );
}
