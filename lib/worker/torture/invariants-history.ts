import { replay, unlikeHistory } from "#lib/model/replay.ts";
import type { RunAuthorisation } from "#lib/model/run.ts";
import type { EventRow, RunRow, View } from "./view.ts";

/** What the rows and AWS's own log say about each other. */

const reading = /^(Get|List|Describe|Head|Assume)/;

/** The two clocks are one machine's, read in two processes. */
const sameMomentMs = 20;

function eventsOf(view: View, type: string, runId?: string): EventRow[] {
  return view.events.filter((event) => event.type === type && (runId === undefined || event.runId === runId));
}

function field(event: EventRow, name: string): unknown {
  return (event.data as Record<string, unknown>)[name];
}

/** 1: what widens rests on an approved, current version and its digest. */
export function approved(view: View): string[] {
  return view.runs
    .filter((run) => run.kind === "provision" && mutationsOf(view, run).length > 0)
    .flatMap((run) => {
      const authorisation = run.authorisation as RunAuthorisation;
      if (authorisation.basis !== "approval") return [`run ${run.id} widened access without an approval`];
      const request = view.requests.get(authorisation.requestId);
      const digest = request?.digests.get(authorisation.version);
      return digest === authorisation.digest
        ? []
        : [`run ${run.id} rests on another digest than was approved`];
    });
}

/** AWS's log of what a run changed: its id is the name of its sessions. */
function mutationsOf(view: View, { id }: RunRow) {
  return view.calls.filter(
    ({ callerArn, operation, errorCode }) =>
      errorCode === null && callerArn?.endsWith(`/drawbridge-${id}`) && !reading.test(operation),
  );
}

/** 2: the intention was on record before each change. */
export function intended(view: View): string[] {
  const known = new Set(view.runs.map(({ id }) => id));
  const strangers = view.calls.filter(
    ({ callerArn, operation, errorCode }) =>
      errorCode === null &&
      !reading.test(operation) &&
      callerArn?.includes("/drawbridge-") &&
      !known.has(callerArn.split("/drawbridge-")[2] ?? callerArn.split("/drawbridge-").at(-1) ?? ""),
  );
  return [
    ...strangers.map(({ operation, callerArn }) => `${operation} by ${callerArn}, which is no run`),
    ...view.runs.flatMap((run) => unintended(view, run)),
  ];
}

function unintended(view: View, run: RunRow): string[] {
  const intents = eventsOf(view, "step.intended", run.id);
  const steps = new Map(
    run.steps.flatMap((step) => step.calls.map((call) => [call.requestId, step] as const)),
  );
  return mutationsOf(view, run).flatMap(({ requestId, operation, time }) => {
    const made = Date.parse(time) + sameMomentMs;
    const before = intents.filter(({ at }) => at.getTime() <= made);
    const step = steps.get(requestId);
    // A call whose worker died is in no row; that some step had said what it would do is all that can be asked.
    const said = step
      ? before.some((intent) => step.key.startsWith(String(field(intent, "key"))))
      : before.length > 0;
    return said ? [] : [`${operation} of run ${run.id} was made before it was intended`];
  });
}

/** 12: one worker at a time commits a step, and each end of a step is on record once. */
export function committedOnce(view: View): string[] {
  return view.runs.flatMap((run) => {
    const ended = run.steps.filter(({ state }) => state === "succeeded");
    const events = eventsOf(view, "step.succeeded", run.id);
    const wrong =
      ended.length === events.length
        ? []
        : [`run ${run.id}: ${ended.length} steps succeeded, ${events.length} events say so`];
    const unfinished = run.steps.filter(({ state }) => state === "running" || state === "pending");
    if (run.state === "succeeded" && unfinished.length > 0)
      wrong.push(`run ${run.id} succeeded with ${unfinished.length} steps open`);
    const keys = new Set(run.steps.map(({ key }) => key));
    if (keys.size !== run.steps.length) wrong.push(`run ${run.id} has two rows of one step`);
    return wrong;
  });
}

/** 14, 15: history alone gives the state of every request, grant and run, by moves that the table allows. */
export function replayed(view: View): string[] {
  const request = [...view.requests].map(([id, { state }]) => ({ id, state }));
  const rows = { request, grant: view.grants, run: view.runs };
  return unlikeHistory(rows, replay(view.events, view.known));
}

/** 15: nothing is left on its way. */
export function atRest(view: View): string[] {
  return [
    ...view.runs
      .filter(({ state }) => ["queued", "running"].includes(state))
      .map(({ id }) => `run ${id} is not over`),
    ...view.grants
      .filter(({ state }) => !["active", "revoked", "failed"].includes(state))
      .map(({ id, state }) => `grant ${id} is still ${state}`),
  ];
}
