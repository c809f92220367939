import type { ReactNode } from "react";
import { Callout } from "#components/ui/callout.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import type { GrantChangeWord, RequestKind } from "#lib/model/grant-change.ts";
import type { Failure } from "#lib/model/run.ts";
import type { RunState } from "#lib/model/states.ts";

export type ChangeCalloutProps = {
  /** The change that is on its way, or failed on it. */
  change: { runId: string; state: RunState; change: GrantChangeWord; error: Failure | null } | null;
  /** The one that is asked for and not decided. */
  openChange: { number: number; kind: RequestKind } | null;
  /** The button that undoes a failed change, for those who may. */
  rollBack: ReactNode;
};

const under: Record<GrantChangeWord, string> = {
  renew: "Being renewed",
  change: "Being changed",
  "roll-back": "Being rolled back",
};

const failed: Record<GrantChangeWord, string> = {
  renew: "The renewal could not be completed",
  change: "The change could not be completed",
  "roll-back": "It could not be rolled back completely",
};

/** What is under way of live access, which stays active all the while. */
export function ChangeCallout({ change, openChange, rollBack }: ChangeCalloutProps) {
  return (
    <>
      {change && <Progress change={change} rollBack={rollBack} />}
      {openChange && (
        <Callout
          tone="info"
          title={openChange.kind === "renew" ? "A renewal is under review" : "A change is under review"}
          actions={
            <LinkButton size="sm" href={`/requests/${openChange.number}`}>
              Request #{openChange.number}
            </LinkButton>
          }
        >
          The access stays as it is until the owners of both accounts have approved.
        </Callout>
      )}
    </>
  );
}

function Progress({
  change,
  rollBack,
}: {
  change: NonNullable<ChangeCalloutProps["change"]>;
  rollBack: ReactNode;
}) {
  const broken = change.state === "failed";
  const run = (
    <LinkButton size="sm" href={`/runs/${change.runId}`}>
      {broken ? "See what failed and retry" : "Follow the run"}
    </LinkButton>
  );
  if (!broken)
    return (
      <Callout tone="info" title={under[change.change]} actions={run}>
        It stays active meanwhile: the pods keep whatever both forms of it allow. This page updates by itself.
      </Callout>
    );
  return (
    <Callout
      tone="danger"
      title={failed[change.change]}
      actions={
        <>
          {run}
          {rollBack}
        </>
      }
    >
      {change.error && (
        <>
          {change.error.cause} <span className="text-ink-muted">{change.error.nextStep}</span>{" "}
        </>
      )}
      The access is still active, with parts of its old or of its new form.
    </Callout>
  );
}
