"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { type PlanDocument, shownVerb } from "#components/plan/plan-data.ts";
import { verbWords } from "#components/states/verbs.ts";
import { cn } from "#components/ui/cn.ts";
import { CodePreview } from "#components/ui/code-preview.tsx";
import { DiffView } from "#components/ui/diff-view.tsx";
import { inkTone } from "#components/ui/tone.ts";
import { inOrder, stepCounts } from "./preview-summary.ts";
import type { PreviewPlan, PreviewStep } from "./types.ts";

/** What is made, changed and left alone in each account; every document unfolds in full. */
export function PreviewPlanList({ plan }: { plan: PreviewPlan }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      {plan.accounts.map(({ accountId, name, steps }) => (
        <section key={accountId} aria-label={`Account ${name}`}>
          <header className="mb-1.5 flex flex-wrap items-baseline justify-between gap-x-3 text-xs">
            <h4 className="flex flex-wrap items-baseline gap-x-2 font-medium text-ink">
              {name}
              {name !== accountId && (
                <span className="font-mono text-2xs font-normal text-ink-faint tabular-nums">
                  {accountId}
                </span>
              )}
            </h4>
            <span className="text-ink-muted">{stepCounts(steps).join(" · ")}</span>
          </header>
          <ul className="divide-y divide-line overflow-clip rounded-md border border-line">
            {inOrder(steps).map((step) => (
              <li key={step.key}>
                <Step step={step} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Step({ step }: { step: PreviewStep }) {
  const { label, tone, icon: Icon, means } = verbWords(shownVerb(step));
  // The documents are compared and coloured only for who looks at them.
  const [open, setOpen] = useState(false);
  const quiet = step.verb === "keep" || step.verb === "use";
  return (
    <details className="group" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-9 items-center gap-2.5 py-1.5 pr-2.5 pl-3 hover:bg-hover focus-visible:-outline-offset-2">
        <Icon aria-hidden="true" className={cn("size-4 shrink-0", inkTone[tone])} />
        <span className={cn("min-w-0 flex-1 text-sm wrap-anywhere", quiet ? "text-ink-muted" : "text-ink")}>
          {step.title}
        </span>
        <span className={cn("shrink-0 text-xs", inkTone[tone])}>{label}</span>
        <ChevronRight
          aria-hidden="true"
          className="size-4 shrink-0 text-ink-faint transition-transform group-open:rotate-90"
        />
      </summary>
      <div className="grid grid-cols-1 gap-3 border-t border-line bg-sunken p-3">
        <p className="text-xs text-ink-muted">
          {quiet || step.verb === "conflict"
            ? (step.reason ?? `${means}.`)
            : [`${means}.`, step.reason].filter(Boolean).join(" ")}
          {step.differences.length > 0 && ` What changes: ${step.differences.join(", ")}.`}
        </p>
        {open && step.documents.map((document) => <Document key={document.title} document={document} />)}
      </div>
    </details>
  );
}

function Document({
  document: { title, before, after, hiddenStatements, sentences },
}: {
  document: PlanDocument;
}) {
  return (
    <div className="grid grid-cols-1 gap-2">
      {sentences.length > 0 && (
        <ul className="grid grid-cols-1 gap-1 text-sm text-ink">
          {sentences.map((text) => (
            <li key={text} className="wrap-anywhere">
              {text}
            </li>
          ))}
        </ul>
      )}
      {before !== null && before !== after ? (
        <DiffView title={title} before={before} after={after ?? ""} />
      ) : (
        after !== null && <CodePreview title={title} language="json" code={after} />
      )}
      {hiddenStatements > 0 && (
        <p className="text-xs text-ink-muted">
          {hiddenStatements === 1 ? "One statement" : `${hiddenStatements} statements`} of its owners stay as
          they are; only they can see {hiddenStatements === 1 ? "it" : "them"}.
        </p>
      )}
    </div>
  );
}
