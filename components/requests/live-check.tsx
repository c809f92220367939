import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { Spinner } from "#components/ui/spinner.tsx";

export type LiveCheckProps = {
  /** `queued`, `running`, `finished`, `failed`. */
  state: string;
  finished: boolean;
  /** What it found. */
  findings: number;
  when: ReactNode;
};

/** How the worker's live look at both accounts stands, which has to be over before anybody approves. */
export function LiveCheck({ state, finished, findings, when }: LiveCheckProps) {
  if (!finished)
    return (
      <p role="status" className="flex items-center gap-2 text-sm text-ink-muted">
        <Spinner className="shrink-0 text-info-ink" />
        {state === "running"
          ? "Live check: looking at both accounts. This takes a few seconds."
          : "Live check: waiting for a worker to look at both accounts."}
      </p>
    );
  if (state === "failed" && findings === 0)
    return (
      <p className="flex items-center gap-2 text-sm text-danger-ink">
        <CircleAlert aria-hidden="true" className="size-4 shrink-0" />
        The live check could not run. A new version is checked again.
      </p>
    );
  return (
    <p className="flex items-center gap-2 text-sm text-ink-muted">
      <CircleCheck aria-hidden="true" className="size-4 shrink-0 text-success-ink" />
      <span>
        {findings === 0 && <span className="text-ink">Nothing stands in the way in either account. </span>}
        <span>A worker looked at both accounts {when}.</span>
      </span>
    </p>
  );
}
