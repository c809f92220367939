import { executeRun } from "#lib/worker/run.ts";
import { grantOf, patternIds, type Stand } from "./stand.ts";

export interface Cost {
  runs: number;
  steps: number;
  /** Of this process: engine, SDK and database client; not Postgres, not AWS. */
  cpuMsPerStep: number;
  /** After garbage collection, in MB, after each tenth of the runs. */
  heapMb: number[];
}

/** Provisions and revokes until so many runs are done, with nothing slowed down. Needs --expose-gc. */
export async function measureCost({ world }: Stand, runs: number): Promise<Cost> {
  const deps = world.worker("bench");
  const heap = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1_000_000;
  };
  const heapMb: number[] = [];
  let steps = 0;
  const before = process.cpuUsage();
  for (let done = 0; done < runs; done += 2) {
    const grant = await grantOf(world, patternIds[(done / 2) % patternIds.length] ?? "");
    for (const queue of [() => world.approve([grant]), () => world.revoke(grant.id)]) {
      const runId = await queue();
      await executeRun(deps, runId);
      const { state } = await world.prisma.run.findUniqueOrThrow({ where: { id: runId } });
      if (state !== "succeeded") throw new Error(`Run ${done} ended ${state}`);
      steps += await world.prisma.step.count({ where: { runId } });
    }
    if (done + 2 >= ((heapMb.length + 1) * runs) / 10) heapMb.push(heap());
  }
  const { user, system } = process.cpuUsage(before);
  return {
    runs,
    steps,
    cpuMsPerStep: (user + system) / 1000 / steps,
    heapMb,
  };
}
