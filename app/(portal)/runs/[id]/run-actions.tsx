import { GiveUpButton } from "#components/runs/give-up-button.tsx";
import { RetryButton } from "#components/runs/retry-button.tsx";
import { RollBackRunButton } from "#components/runs/roll-back-run-button.tsx";
import type { RunView } from "#lib/db/queries/views/run.ts";
import { giveUpAction, retryAction, rollBackAction } from "./actions.ts";

/** What the reader may do about a run that failed; nothing about any other. */
export function RunActions({ run: { id, retry, rollBack, giveUp } }: { run: RunView }) {
  if ([retry, rollBack, giveUp.refusal].every((refusal) => refusal !== null)) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {giveUp.refusal === null && (
        <GiveUpButton
          left={giveUp.left}
          confirmation={giveUp.confirmation}
          giveUp={giveUpAction.bind(null, id)}
        />
      )}
      {rollBack === null && <RollBackRunButton rollBack={rollBackAction.bind(null, id)} />}
      {retry === null && <RetryButton onRetry={retryAction.bind(null, id)} />}
    </div>
  );
}
