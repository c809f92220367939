import { ChevronRight } from "lucide-react";
import { Elapsed } from "#components/live/elapsed.tsx";
import { shownVerb } from "#components/plan/plan-data.ts";
import { RunCalls } from "#components/runs/run-calls.tsx";
import { type RunStepData, stepAnchor } from "#components/runs/run-data.ts";
import { StepIcon } from "#components/runs/step-icon.tsx";
import { stepStates } from "#components/states/state-words.ts";
import { VerbBadge } from "#components/states/verb-badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

export type RunStepsProps = {
  steps: readonly RunStepData[];
  /** The moment of rendering. */
  now: string;
};

/** Every step in order, with its calls. What runs or has failed is open from the start. */
export function RunSteps({ steps, now }: RunStepsProps) {
  if (steps.length === 0)
    return (
      <EmptyState
        title="No steps yet"
        body="A worker reads both accounts first and then plans the steps from what it finds."
      />
    );
  return (
    <ol className="divide-y divide-line">
      {steps.map((step) => (
        <li key={step.id} id={stepAnchor(step.id)} className="scroll-mt-16 target:bg-accent-soft">
          <Step step={step} now={now} />
        </li>
      ))}
    </ol>
  );
}

function Step({ step, now }: { step: RunStepData; now: string }) {
  const retried = step.attempts > 1;
  const waitsToTryAgain = step.state === "pending" && step.attempts > 0;
  return (
    <details className="group" open={step.state === "failed" || step.state === "running" || waitsToTryAgain}>
      <summary className="flex items-start gap-3 px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2 sm:px-5">
        <StepIcon state={step.state} />
        <span className="flex min-w-0 flex-1 flex-wrap items-start gap-x-3 gap-y-1 pt-0.5">
          <span className="w-26 shrink-0 text-left">
            <VerbBadge verb={shownVerb(step)} />
          </span>
          <span className="min-w-0 flex-1 basis-56">
            <span className="block font-medium wrap-anywhere text-ink">{step.title}</span>
            <span className="block text-sm text-ink-muted">
              {step.accountName}
              {retried && `, attempt ${step.attempts}`}
            </span>
          </span>
        </span>
        <span className="shrink-0 pt-0.5 text-right text-sm text-ink-muted">
          {waitsToTryAgain ? (
            "Tries again soon"
          ) : step.startedAt === null ? (
            stepStates[step.state].label
          ) : (
            <Elapsed from={step.startedAt} to={endOf(step)} now={now} />
          )}
        </span>
        <ChevronRight
          aria-hidden="true"
          className="mt-1 size-4 shrink-0 text-ink-faint transition-transform group-open:rotate-90"
        />
      </summary>
      <div className="space-y-3 px-4 pb-4 sm:pr-5 sm:pl-14">
        {(step.outcome ?? step.detail) && (
          <p className="text-sm wrap-anywhere text-ink-muted">
            {[step.outcome, step.detail].filter(Boolean).join(": ")}
          </p>
        )}
        {step.error && <StepFailure error={step.error} />}
        <RunCalls calls={step.calls} title={step.title} />
      </div>
    </details>
  );
}

function endOf(step: RunStepData): string | null {
  return step.state === "running" ? null : (step.finishedAt ?? step.startedAt);
}

function StepFailure({ error }: { error: NonNullable<RunStepData["error"]> }) {
  return (
    <Callout tone="danger" title={error.cause}>
      <p>{error.nextStep}</p>
      {error.message && (
        <p className="mt-1.5 font-mono text-xs text-ink-muted">
          {error.code ? `${error.code}: ` : ""}
          {error.message}
        </p>
      )}
    </Callout>
  );
}
