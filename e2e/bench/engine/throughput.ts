import { addJob } from "#lib/db/jobs.ts";
import type { World } from "#lib/worker/testing.ts";
import { injectedMs } from "./latency.ts";
import { end, grantOf, patternIds, type Stand, startWorkerProcess } from "./stand.ts";

const runsPerCount = 40;
const reactions = 15;

export interface Throughput {
  workers: number;
  runs: number;
  seconds: number;
  runsPerSecond: number;
}

/** As an approval does it: the run and the job that wakes a worker. Committed when this returns. */
async function queue(world: World, runId: string): Promise<void> {
  await addJob(world.prisma, "run", { runId }, { key: `run:${runId}` });
}

async function settled(world: World, runIds: readonly string[]): Promise<void> {
  for (;;) {
    const rows = await world.prisma.run.groupBy({
      by: ["state"],
      where: { id: { in: [...runIds] } },
      _count: true,
    });
    const failed = rows.find(({ state }) => state === "failed");
    if (failed) throw new Error(`${failed._count} runs failed`);
    if (rows.every(({ state }) => state === "succeeded")) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs of every pattern in turn, each of a workload of its own, done by so many worker processes. */
export async function measureThroughput(stand: Stand, counts: readonly number[]): Promise<Throughput[]> {
  const { world } = stand;
  const results: Throughput[] = [];
  await world.faults({ latencyMs: injectedMs });
  for (const workers of counts) {
    const started = await Promise.all(Array.from({ length: workers }, () => startWorkerProcess(stand)));
    const runIds: string[] = [];
    // Approved together: what one request's approval binds does not depend on the others'.
    for (let index = 0; index < runsPerCount; index += 1) {
      const pattern = patternIds[index % patternIds.length] ?? "";
      runIds.push(await world.approve([await grantOf(world, pattern)]));
    }
    const begun = performance.now();
    for (const runId of runIds) await queue(world, runId);
    await settled(world, runIds);
    const seconds = (performance.now() - begun) / 1000;
    results.push({ workers, runs: runsPerCount, seconds, runsPerSecond: runsPerCount / seconds });
    await Promise.all(started.map(end));
  }
  await world.faults({});
  return results;
}

/** Milliseconds from the approval's commit to the moment at which the first call reaches AWS, sorted. */
export async function measureReaction(stand: Stand): Promise<number[]> {
  const { world } = stand;
  const worker = await startWorkerProcess(stand);
  const delays: number[] = [];
  for (let round = 0; round < reactions; round += 1) {
    const runId = await world.approve([await grantOf(world, patternIds[round % patternIds.length] ?? "")]);
    const since = await world.lastCall();
    await queue(world, runId);
    const committed = Date.now();
    await settled(world, [runId]);
    const [first] = (await world.control(`calls?since=${since}`)) as { time: string }[];
    if (first) delays.push(Date.parse(first.time) - committed);
  }
  await end(worker);
  return delays.slice(1).sort((a, b) => a - b);
}
