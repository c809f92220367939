import { setTimeout as sleep } from "node:timers/promises";
import { addJob } from "#lib/db/jobs.ts";
import { bucketAway, grantWith, withAgent, workload } from "../testing.ts";
import { type Arena, inArena } from "./arena.ts";
import { violationsOf } from "./invariants.ts";
import { type Random, seeded } from "./random.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";
import { markOf } from "./view.ts";
import { keepWorker, leaseSeconds, type WorkerProcess } from "./worker-process.ts";

/** Two real worker processes on one shared bucket, while something happens to them or to the database. */

interface Disturbance {
  name: string;
  title: string;
  /** How often, everyday and in full. */
  counts: { everyday: number; full: number };
  /** Once; resolves when it is over. */
  disturb(workers: readonly WorkerProcess[], random: Random, arena: Arena): Promise<void>;
}

/** A bucket's policy has room for about 41 grants (domain reference: 499 bytes each). */
const grantsAtATime = 10;
/** Every grant takes some seconds on a busy machine, and each disturbance may cost a lease. */
const atRestWithinMs = 240_000;

const kill: Disturbance = {
  name: "kill",
  title: "kill -9 on one of two real workers that share a bucket",
  counts: { everyday: 10, full: 500 },
  async disturb(workers, random) {
    const worker = random.pick(workers);
    await Promise.race([worker.ready(), sleep(20_000)]);
    await sleep(50 + random.below(1_200));
    worker.signal("SIGKILL");
  },
};

const stop: Disturbance = {
  name: "stop",
  title: "SIGSTOP past the lease on one of two real workers, then SIGCONT",
  counts: { everyday: 4, full: 100 },
  async disturb(workers, random) {
    const worker = random.pick(workers);
    await Promise.race([worker.ready(), sleep(20_000)]);
    await sleep(50 + random.below(800));
    worker.signal("SIGSTOP");
    await sleep(leaseSeconds * 1_000 + 1_500);
    worker.signal("SIGCONT");
  },
};

const restarts: Disturbance = {
  name: "restarts",
  title: "Postgres restarted every few seconds under two real workers",
  counts: { everyday: 4, full: 200 },
  async disturb(_, random, { world }) {
    const since = () =>
      stubbornly(
        () => world.prisma.$queryRaw<{ since: Date }[]>`SELECT pg_postmaster_start_time() AS since`,
      ).then(([row]) => row?.since.getTime());
    const before = await since();
    // The launcher started the server, and restarts it (scripts/torture.mjs).
    console.log(JSON.stringify({ restart: "postgres" }));
    await sleep(3_000 + random.below(4_000));
    for (let left = 60; (await since()) === before; left -= 1) {
      if (left === 0) throw new Error("Postgres was not restarted: play this with npm run torture");
      await sleep(500);
    }
  },
};

/** While the database is away, questions are asked again. */
async function stubbornly<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = 120; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(250);
    }
  }
}

async function queueRun({ world }: Arena, runId: string): Promise<void> {
  await stubbornly(() =>
    world.prisma.$transaction((tx) => addJob(tx, "run", { runId }, { key: `run:${runId}` })),
  );
}

async function round(
  arena: Arena,
  workers: readonly WorkerProcess[],
  disturbOnce: () => Promise<boolean>,
): Promise<string[]> {
  const { world } = arena;
  const mark = await stubbornly(() => markOf(arena));
  const estate = await stubbornly(() => world.estate());
  const grants = Array.from({ length: grantsAtATime }, (_, number) =>
    grantWith("resource-policy-statements", estate, {
      workload: workload(withAgent, `pod-${number}`),
      target: bucketAway,
    }),
  );
  const violations: string[] = [];
  const finish = async (what: string, runIds: string[]) => {
    for (const runId of runIds) await queueRun(arena, runId);
    const ended = () => world.prisma.run.findMany({ where: { id: { in: runIds } } });
    const states = async () => (await ended()).map(({ state }) => state);
    const started = performance.now();
    const isOver = async () =>
      (await stubbornly(states)).every((state) => !["queued", "running"].includes(state));
    while (!(await isOver())) {
      if (performance.now() - started > atRestWithinMs) {
        violations.push(`${what}: not over after ${atRestWithinMs / 1000} s`);
        break;
      }
      if (!(await disturbOnce())) await sleep(200);
    }
    for (const { state, error } of await stubbornly(ended))
      if (state !== "succeeded") violations.push(`${what}: a run is ${state}: ${JSON.stringify(error)}`);
    violations.push(
      ...(await stubbornly(() => violationsOf(arena, mark))).map((fault) => `${what}: ${fault}`),
    );
  };
  const runs: string[] = [];
  // Nothing works on them before all are there, so that the approvals themselves meet no disturbance.
  for (const grant of grants) runs.push(await world.approve([grant]));
  await Promise.race([Promise.all(workers.map((worker) => worker.ready())), sleep(20_000)]);
  await finish("provisioning", runs);
  const revocations: string[] = [];
  for (const { id } of grants) revocations.push(await stubbornly(() => world.revoke(id)));
  await finish("revoking", revocations);
  return violations;
}

function scenarioOf({ name, title, counts, disturb }: Disturbance): Scenario {
  const play = async (arena: Arena, options: Options): Promise<Outcome> => {
    const random = seeded(options.seed);
    const total = options.count ?? (options.full ? counts.full : counts.everyday);
    const workers = [keepWorker(arena), keepWorker(arena)];
    const violations: string[] = [];
    let count = 0;
    let grants = 0;
    const disturbOnce = async () => {
      if (count >= total) return false;
      count += 1;
      await disturb(workers, random, arena);
      return true;
    };
    try {
      while (count < total && violations.length === 0) {
        violations.push(...(await round(arena, workers, disturbOnce)));
        grants += grantsAtATime;
        options.say(`${count} of ${total}, ${grants} grants made and taken away`);
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
    }
    return { count, violations, notes: [`${grants} grants made and taken away meanwhile`] };
  };
  return { name, title, run: (options) => inArena((arena) => play(arena, options)) };
}

/** Each has the machine, and the last of them the database, to itself. */
export const processScenarios: Scenario[] = [kill, stop, restarts].map(scenarioOf);
