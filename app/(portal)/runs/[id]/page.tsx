import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Fragment } from "react";
import { Elapsed } from "#components/live/elapsed.tsx";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { RunGraph } from "#components/runs/run-graph.tsx";
import { RunSteps } from "#components/runs/run-steps.tsx";
import { runWords } from "#components/runs/run-words.ts";
import { RunStateBadge } from "#components/states/state-badges.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Section } from "#components/ui/card.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Progress } from "#components/ui/progress.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { runView } from "#lib/db/queries/runs.ts";
import type { RunView } from "#lib/db/queries/views/run.ts";
import type { GrantChangeWord } from "#lib/model/grant-change.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../live.ts";
import { RunActions } from "./run-actions.tsx";

type Props = { params: Promise<{ id: string }> };

export const metadata: Metadata = { title: "Run" };

export default async function RunPage({ params }: Props) {
  const { id } = await params;
  const actor = await requireActor(`/runs/${encodeURIComponent(id)}`);
  const since = livePosition();
  const deps = webDeps();
  const run = await runView(deps, actor, id);
  if (!run) notFound();
  const now = deps.now().toISOString();
  const under = run.state === "queued" || run.state === "running";
  const done = run.steps.filter((step) => step.state === "succeeded" || step.state === "skipped").length;
  return (
    <>
      {/* A failed run goes on when someone retries it. */}
      <LiveRefresh
        since={since}
        topics={[{ topic: "run", id: run.id }]}
        active={under || run.state === "failed"}
      />
      <PageHeader
        breadcrumbs={breadcrumbs(run)}
        title={titleOf(run)}
        status={<RunStateBadge state={run.state} />}
        meta={
          <>
            {run.requestedBy && <span>started by {run.requestedBy.name}</span>}
            <span>
              queued <Timestamp value={run.createdAt} now={now} />
            </span>
            {run.startedAt && (
              <span>
                {under ? "running for" : "took"}{" "}
                <Elapsed from={run.startedAt} to={run.finishedAt} now={now} />
              </span>
            )}
          </>
        }
        actions={<RunActions run={run} />}
      />
      <div className="grid gap-6">
        <Outcome run={run} done={done} />
        <Section
          title="Progress"
          description={run.steps.length > 0 ? "Independent steps run side by side" : undefined}
        >
          <div className="grid gap-5">
            <Progress
              label={under ? "Steps done" : `${runWords(run)} steps done`}
              value={done}
              max={run.steps.length}
              tone={run.state === "failed" ? "danger" : run.state === "succeeded" ? "success" : "info"}
            />
            <RunGraph steps={run.steps} />
          </div>
        </Section>
        <Section title="Steps" description="Every call to AWS, with its answer" flush>
          <RunSteps steps={run.steps} now={now} />
        </Section>
      </div>
    </>
  );
}

function breadcrumbs(run: RunView) {
  const requests = { label: "Requests", href: "/requests" };
  return run.requestNumber === null
    ? [requests]
    : [requests, { label: `#${run.requestNumber}`, href: `/requests/${run.requestNumber}` }];
}

function titleOf(run: RunView): string {
  const { workload } = run;
  const whose = workload ? ` ${workload.namespace}/${workload.serviceAccount}` : "";
  return `${runWords(run)}${whose}`;
}

const tooEarly = "give-up.too-early";

const changed: Record<GrantChangeWord, string> = {
  renew: "The access is renewed",
  change: "The access is changed",
  "roll-back": "The access is as it was before the change",
};

function AccessLinks({ grantIds }: { grantIds: readonly string[] }) {
  return grantIds.map((id, nth) => (
    <Fragment key={id}>
      {nth > 0 && ", "}
      <TextLink href={`/access/${id}`}>access {id}</TextLink>
    </Fragment>
  ));
}

function LeftLinks({ grantIds }: { grantIds: readonly string[] }) {
  return grantIds.map((grantId) => (
    <LinkButton key={grantId} href={`/access/${grantId}`} size="sm">
      See what may be left
    </LinkButton>
  ));
}

/** What came of it, and what to do next. */
function Outcome({ run, done }: { run: RunView; done: number }) {
  if (run.state === "succeeded" && run.change)
    return (
      <Callout
        tone="success"
        title={changed[run.change]}
        role="status"
        actions={run.grantIds.map((grantId) => (
          <LinkButton key={grantId} href={`/access/${grantId}`} size="sm">
            See the access
          </LinkButton>
        ))}
      >
        What is in AWS was read back and is what was approved. The pods go on as they are.
      </Callout>
    );
  if (run.state === "succeeded" && run.kind === "provision")
    return (
      <Callout
        tone="success"
        title="Both accounts are ready"
        role="status"
        actions={run.grantIds.map((grantId) => (
          <LinkButton key={grantId} href={`/access/${grantId}`} size="sm" variant="primary">
            Connect your workload
          </LinkButton>
        ))}
      >
        What is in AWS was read back and is what was approved. The cluster's part is left: apply the YAML.
      </Callout>
    );
  if (run.state === "succeeded" && run.kind === "repair")
    return (
      <Callout
        tone="success"
        title="The access is as approved again"
        role="status"
        actions={run.grantIds.map((grantId) => (
          <LinkButton key={grantId} href={`/access/${grantId}`} size="sm" variant="primary">
            Back to the access
          </LinkButton>
        ))}
      >
        What is in AWS was read back and is what was approved. Pods that gave up meanwhile need a restart.
      </Callout>
    );
  if (run.state === "succeeded")
    return (
      <Callout
        tone="success"
        title={run.giveUp.grantIds.length > 0 ? "The rest of the access is revoked" : "The access is revoked"}
        role="status"
        actions={run.giveUp.grantIds.length > 0 && <LeftLinks grantIds={run.giveUp.grantIds} />}
      >
        Nothing of it is left in either account.{" "}
        {run.giveUp.grantIds.length > 0 && "Of what was given up, something may be."}
      </Callout>
    );
  if (run.giveUp.done)
    return (
      <Callout
        tone="warn"
        title="This revocation was given up"
        role="status"
        actions={<LeftLinks grantIds={run.grantIds} />}
      >
        {soFar(run, done)} The rest may still be in AWS and let the workload in. Nobody tries it any more.
      </Callout>
    );
  if (run.state === "failed")
    return (
      <Callout tone="danger" title={run.error?.cause ?? "A step could not be done"} role="alert">
        <p>{run.error?.nextStep ?? "See the failed step below for what to do."}</p>
        {run.kind === "revoke" && (
          <p className="mt-1">
            {soFar(run, done)}{" "}
            {run.giveUp.takenOver ? (
              <>
                Another run has taken over the rest: see <AccessLinks grantIds={run.grantIds} />.
              </>
            ) : (
              "Drawbridge tries the rest again by itself until nothing is left: at first every few minutes, later once an hour."
            )}{" "}
            {run.giveUp.refusal === null
              ? "Where the account was closed for good, you can give it up."
              : run.giveUp.refusal.code === tooEarly && run.giveUp.refusal.reason}
          </p>
        )}
        {run.change && run.change !== "roll-back" && run.retry === null && (
          <p className="mt-1">
            The access is still active. Its page can roll this back: <AccessLinks grantIds={run.grantIds} />
          </p>
        )}
        {run.retry && !run.giveUp.takenOver && (
          <p className="mt-1 text-ink-muted">
            {run.retry.reason} {run.retry.nextStep}
          </p>
        )}
      </Callout>
    );
  if (run.state === "cancelled")
    return (
      <Callout tone="neutral" title="This run was cancelled">
        {run.error?.cause ?? "What it was to do is no longer wanted."}
      </Callout>
    );
  if (run.state === "queued")
    return (
      <Callout tone="info" title="Waiting for a worker" role="status">
        It starts as soon as one is free, usually at once. {done > 0 && soFar(run, done)}
      </Callout>
    );
  if (run.kind === "revoke" && done > 0)
    return (
      <Callout tone="info" title="The access is being taken away" role="status">
        {soFar(run, done)}
      </Callout>
    );
  return null;
}

/** How far a run is that was stopped before, or is tried again. */
function soFar({ kind, steps }: RunView, done: number): string {
  const stays = kind === "revoke" ? "what is gone stays gone" : "what is done stays done";
  return `${done} of ${steps.length} steps are done: ${stays}.`;
}
