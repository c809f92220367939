/**
 * The states of requests, grants, runs and steps, and which may follow which. This one table drives the guard
 * in the database writes, the buttons on the pages and the exhaustive test.
 */
export const transitions = {
  request: {
    in_review: ["approved", "changes_requested", "rejected", "withdrawn", "lapsed"],
    changes_requested: ["in_review", "withdrawn", "lapsed"],
    approved: [],
    rejected: [],
    withdrawn: [],
    lapsed: [],
  },
  grant: {
    pending: ["provisioning", "revoked"],
    provisioning: ["active", "failed", "revoking"],
    active: ["revoking"],
    revoking: ["revoked", "failed"],
    failed: ["provisioning", "revoking", "given_up"],
    // Something of it may be left in AWS: it is revoked once more when that can be reached.
    given_up: ["revoking"],
    revoked: [],
  },
  run: {
    queued: ["running", "cancelled"],
    running: ["succeeded", "failed", "cancelled"],
    failed: ["queued"],
    succeeded: [],
    cancelled: [],
  },
  step: {
    pending: ["running", "skipped"],
    running: ["succeeded", "failed", "pending"],
    failed: ["pending"],
    succeeded: [],
    skipped: [],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type Machine = keyof typeof transitions;
export type StateOf<M extends Machine> = keyof (typeof transitions)[M] & string;
export type RequestState = StateOf<"request">;
export type GrantState = StateOf<"grant">;
export type RunState = StateOf<"run">;
export type StepState = StateOf<"step">;

/** Of a grant that nobody looks after any more: it holds no identity, no cluster and no Region. */
export const overStates: readonly GrantState[] = ["revoked", "given_up"];

export function isOver(state: GrantState): boolean {
  return overStates.includes(state);
}

/** Whether `to` may follow `from`. */
export function canMove<M extends Machine>(machine: M, from: StateOf<M>, to: StateOf<M>): boolean {
  const table: Record<string, readonly string[]> = transitions[machine];
  return table[from]?.includes(to) ?? false;
}

/** The states from which `to` can be reached: the `where` of a guarded write. */
export function statesBefore<M extends Machine>(machine: M, to: StateOf<M>): StateOf<M>[] {
  return (Object.keys(transitions[machine]) as StateOf<M>[]).filter((from) => canMove(machine, from, to));
}

/** Whether nothing follows. */
export function isTerminal<M extends Machine>(machine: M, state: StateOf<M>): boolean {
  const table: Record<string, readonly string[]> = transitions[machine];
  return table[state]?.length === 0;
}
