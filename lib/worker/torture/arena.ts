import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { createWorld, type World, worldSeed } from "../testing.ts";

/** A sandbox AWS and a database of their own, and what AWS looked like before anything was done. */
export interface Arena {
  sandbox: RunningSandbox;
  world: World;
  /** The dump of the untouched accounts. */
  untouched: unknown;
  close(): Promise<void>;
}

export async function openArena(): Promise<Arena> {
  const sandbox = await startSandbox({ seed: worldSeed() });
  const world = await createWorld(sandbox);
  return {
    sandbox,
    world,
    untouched: await world.dump(),
    close: async () => {
      await world.close();
      await sandbox.close();
    },
  };
}

export async function inArena<T>(work: (arena: Arena) => Promise<T>): Promise<T> {
  const arena = await openArena();
  try {
    return await work(arena);
  } finally {
    await arena.close();
  }
}
