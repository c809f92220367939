import { type Machine, type StateOf, statesBefore } from "#lib/model/states.ts";
import type { Prisma, Tx } from "./types.ts";

interface Wheres {
  request: Prisma.RequestWhereInput;
  grant: Prisma.GrantWhereInput;
  run: Prisma.RunWhereInput;
  step: Prisma.StepWhereInput;
}

interface Changes {
  request: Prisma.RequestUpdateManyMutationInput;
  grant: Prisma.GrantUpdateManyMutationInput;
  run: Prisma.RunUpdateManyMutationInput;
  step: Prisma.StepUpdateManyMutationInput;
}

const writers: {
  [M in Machine]: (tx: Tx, where: Wheres[M], data: Changes[M]) => Promise<{ count: number }>;
} = {
  request: (tx, where, data) => tx.request.updateMany({ where, data }),
  grant: (tx, where, data) => tx.grant.updateMany({ where, data }),
  run: (tx, where, data) => tx.run.updateMany({ where, data }),
  step: (tx, where, data) => tx.step.updateMany({ where, data }),
};

/** The row was no longer in a state that this may follow: someone else was faster. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
  readonly machine: Machine;

  constructor(machine: Machine, to: string) {
    super(`No ${machine} could become ${to}: its state is another by now.`);
    this.machine = machine;
  }
}

/**
 * Moves one row to a state, only if the transitions table allows it from where the row is now: the guard stands in
 * the write itself, so of two simultaneous moves one loses.
 *
 * @throws ConflictError unless exactly one row was changed
 */
export async function move<M extends Machine>(
  tx: Tx,
  machine: M,
  where: Wheres[M],
  to: StateOf<M>,
  data?: Changes[M],
): Promise<void> {
  const count = await moveAll(tx, machine, where, to, data);
  if (count !== 1) throw new ConflictError(machine, to);
}

/** The same for every row that can, however many there are. @returns their number */
export async function moveAll<M extends Machine>(
  tx: Tx,
  machine: M,
  where: Wheres[M],
  to: StateOf<M>,
  data?: Changes[M],
): Promise<number> {
  const guarded = { AND: [where, { state: { in: statesBefore(machine, to) } }] } as Wheres[M];
  const changes = { ...data, state: to } as Changes[M];
  const { count } = await writers[machine](tx, guarded, changes);
  return count;
}
