import type { PlanStepData } from "#components/plan/plan-data.ts";
import { DiffView } from "#components/ui/diff-view.tsx";

/** The documents of a step in full, each as a diff: what an approver signs. */
export function PlanDocuments({ step }: { step: Pick<PlanStepData, "documents"> }) {
  return (
    <div className="space-y-3">
      {step.documents.map((document) => (
        <DiffView
          key={document.title}
          title={document.title}
          before={document.before ?? ""}
          after={document.after ?? ""}
        />
      ))}
    </div>
  );
}
