import { ArrowRight } from "lucide-react";
import { RunStateBadge } from "#components/states/state-badges.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { Progress } from "#components/ui/progress.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { GrantChangeWord } from "#lib/model/grant-change.ts";
import type { RunKind } from "#lib/model/run.ts";
import type { RunState } from "#lib/model/states.ts";
import { runWords } from "./run-words.ts";

export type RunCardData = {
  id: string;
  kind: RunKind;
  change: GrantChangeWord | null;
  state: RunState;
  createdAt: string;
  finishedAt: string | null;
  steps: { total: number; succeeded: number; failed: number };
  error: { cause: string } | null;
};

/** One run in a line or two, with how far it is. */
export function RunCard({ run, now }: { run: RunCardData; now: Date | string }) {
  const { total, succeeded } = run.steps;
  const under = run.state === "queued" || run.state === "running";
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2 text-base font-medium text-ink">
          {runWords(run)} <RunStateBadge state={run.state} />
          <span className="text-sm font-normal text-ink-muted">
            <Timestamp value={run.finishedAt ?? run.createdAt} now={now} />
          </span>
        </p>
        {run.error && <p className="mt-1 text-sm wrap-anywhere text-danger-ink">{run.error.cause}</p>}
        {total > 0 ? (
          <Progress
            label="Steps done"
            value={succeeded}
            max={total}
            tone={run.state === "failed" ? "danger" : under ? "info" : "success"}
            className="mt-2 max-w-sm"
          />
        ) : (
          <p className="mt-1 text-sm text-ink-muted">Waiting for a worker.</p>
        )}
      </div>
      <LinkButton href={`/runs/${run.id}`} variant={under ? "primary" : "secondary"}>
        {under ? "Follow it live" : "See the run"} <ArrowRight aria-hidden="true" />
      </LinkButton>
    </div>
  );
}
