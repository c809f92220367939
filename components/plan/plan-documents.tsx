"use client";

import { useEffect, useRef } from "react";
import type { FindingData } from "#components/findings/finding-data.ts";
import { StatementNote } from "#components/findings/statement-note.tsx";
import type { PlanDocument, PlanStepData } from "#components/plan/plan-data.ts";
import { useShownPlace } from "#components/plan/statement-focus.tsx";
import { DiffView } from "#components/ui/diff-view.tsx";

export type PlanDocumentsProps = {
  step: Pick<PlanStepData, "key" | "documents">;
  /** Of this step. */
  findings?: readonly FindingData[] | undefined;
};

/**
 * The documents of a step in full, each compared with what is there today: what an approver signs. Every statement
 * stands below its sentence and what was found in it.
 */
export function PlanDocuments({ step, findings = [] }: PlanDocumentsProps) {
  return (
    <div className="space-y-3">
      {step.documents.map((document) => (
        <Document
          key={document.title}
          stepKey={step.key}
          document={document}
          findings={findings.filter(({ place }) => place?.document === document.title)}
        />
      ))}
    </div>
  );
}

function Document({
  stepKey,
  document,
  findings,
}: {
  stepKey: string;
  document: PlanDocument;
  findings: readonly FindingData[];
}) {
  const shown = useShownPlace();
  const box = useRef<HTMLDivElement>(null);
  const turn = shown?.stepKey === stepKey && shown.document === document.title ? shown.turn : null;
  const lines = turn === null ? null : (shown?.lines ?? null);

  useEffect(() => {
    if (turn === null || !box.current) return;
    const place = box.current.querySelector("[data-shown]") ?? box.current;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
    box.current.focus({ preventScroll: true });
  }, [turn]);

  return (
    <div
      ref={box}
      tabIndex={-1}
      className="rounded-lg outline-none focus-visible:outline-2 focus-visible:outline-focus"
    >
      <DiffView
        title={document.title}
        before={document.before ?? ""}
        after={document.after ?? ""}
        shown={lines}
        notes={document.statements.map((statement) => ({
          line: statement.from,
          content: (
            <StatementNote
              statement={statement}
              findings={findings.filter(({ place }) => place?.lines?.from === statement.from)}
            />
          ),
        }))}
      />
    </div>
  );
}
