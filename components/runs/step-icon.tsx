import { Check, CircleDashed, CircleSlash, X } from "lucide-react";
import { stepStates } from "#components/states/state-words.ts";
import { cn } from "#components/ui/cn.ts";
import { Spinner } from "#components/ui/spinner.tsx";
import { softTone } from "#components/ui/tone.ts";
import type { StepState } from "#lib/model/states.ts";

const icons = { pending: CircleDashed, succeeded: Check, failed: X, skipped: CircleSlash } as const;

/** A step's state as a round mark. The state stands beside it in words, or is read out. */
export function StepIcon({ state, labelled = true }: { state: StepState; labelled?: boolean }) {
  const Icon = state === "running" ? null : icons[state];
  const { tone, label } = stepStates[state];
  return (
    <span
      className={cn(
        "grid size-6 shrink-0 place-items-center rounded-full border [&_svg]:size-3.5",
        softTone[tone],
      )}
    >
      {Icon ? <Icon aria-hidden="true" /> : <Spinner />}
      {labelled && <span className="sr-only">{label}: </span>}
    </span>
  );
}
