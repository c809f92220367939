import type { AuditEventType } from "./audit-event.ts";
import { canMove, type GrantState, type RequestState, type RunState, type StateOf } from "./states.ts";

/**
 * History alone gives the state of every request, grant and run: each change of a state is an event, written in the
 * transaction that makes it. One state is no change that history knows: that a worker has taken a run is a lease; the
 * run is on record as running once its plan is.
 */

/** What a replay reads of an event. */
export interface ReplayedEvent {
  type: string;
  requestId: string | null;
  grantId: string | null;
  runId: string | null;
}

/** States by id. */
export interface Statuses {
  request: Map<string, RequestState>;
  grant: Map<string, GrantState>;
  run: Map<string, RunState>;
}

type Replayed = keyof Statuses;

/** What an event makes of the thing that it is about. */
type Effect = { [M in Replayed]: { of: M; to: StateOf<M> } }[Replayed];

const effects: Partial<Record<AuditEventType, Effect>> = {
  "request.submitted": { of: "request", to: "in_review" },
  "request.revised": { of: "request", to: "in_review" },
  "request.approved": { of: "request", to: "approved" },
  "request.changes-requested": { of: "request", to: "changes_requested" },
  "request.rejected": { of: "request", to: "rejected" },
  "request.withdrawn": { of: "request", to: "withdrawn" },
  "request.lapsed": { of: "request", to: "lapsed" },
  "grant.provisioning": { of: "grant", to: "provisioning" },
  "grant.active": { of: "grant", to: "active" },
  "grant.failed": { of: "grant", to: "failed" },
  "grant.revoking": { of: "grant", to: "revoking" },
  "grant.revoked": { of: "grant", to: "revoked" },
  "grant.given-up": { of: "grant", to: "given_up" },
  "run.queued": { of: "run", to: "queued" },
  "run.started": { of: "run", to: "running" },
  "run.taken-over": { of: "run", to: "running" },
  "run.succeeded": { of: "run", to: "succeeded" },
  "run.failed": { of: "run", to: "failed" },
  "run.retried": { of: "run", to: "queued" },
};

/** With what each of them begins. */
const births: { [M in Replayed]: StateOf<M> } = {
  request: "in_review",
  grant: "provisioning",
  run: "queued",
};

export interface Replay {
  statuses: Statuses;
  /** Moves that the table of states does not allow, in words. */
  faults: string[];
}

/**
 * Plays events in the order of their ids, which is the order of the changes of any one thing: a change holds its row
 * until it commits.
 *
 * @param known the states before the first of these events, where that is not the beginning
 */
export function replay(events: Iterable<ReplayedEvent>, known?: Statuses): Replay {
  const statuses: Statuses = {
    request: new Map(known?.request),
    grant: new Map(known?.grant),
    run: new Map(known?.run),
  };
  const faults: string[] = [];
  for (const event of events) {
    const effect = effects[event.type as AuditEventType];
    const id = effect && event[`${effect.of}Id`];
    if (effect && id) play(statuses, effect, id, faults);
  }
  return { statuses, faults };
}

function play(statuses: Statuses, { of, to }: Effect, id: string, faults: string[]): void {
  const states = statuses[of] as Map<string, string>;
  const from = states.get(id);
  if (from === undefined && to !== births[of]) faults.push(`${of} ${id} begins as ${to}`);
  if (from !== undefined && !follows(of, from, to)) faults.push(`${of} ${id} went from ${from} to ${to}`);
  states.set(id, to);
}

function follows(of: Replayed, from: string, to: string): boolean {
  if (from === to) return true;
  // A run that ends before it has a plan was never on record as running.
  const passed = of === "run" && from === "queued" ? "running" : from;
  return canMove(of, from as never, to as never) || canMove(of, passed as never, to as never);
}

/** Rows as the tables have them. */
export type StatusRows = { [M in Replayed]: readonly { id: string; state: string }[] };

/** Where the tables say something else than history, in words. */
export function unlikeHistory(rows: StatusRows, { statuses, faults }: Replay): string[] {
  return [
    ...faults,
    ...(["request", "grant", "run"] as const).flatMap((of) =>
      rows[of].flatMap(({ id, state }) => {
        const told = statuses[of].get(id);
        return agree(of, state, told) ? [] : [`${of} ${id} is ${state}, and by history ${told ?? "nothing"}`];
      }),
    ),
  ];
}

function agree(of: Replayed, state: string, told: string | undefined): boolean {
  if (state === told) return true;
  // Taken, and nothing planned yet.
  if (of === "run" && state === "running") return told === "queued";
  // Approved, and nothing done for it yet.
  return of === "grant" && state === "pending" && told === undefined;
}
