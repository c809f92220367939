import { onCall } from "#lib/worker/clients.ts";
import { executeRun } from "#lib/worker/run.ts";
import { type Chain, longestChain } from "./critical-path.ts";
import { grantOf, patternIds, type Stand } from "./stand.ts";
import { onTheWire, type TimedCall } from "./wire.ts";

/** Added to every call to AWS, in milliseconds. */
export const injectedMs = 100;

const rounds = 5;

export interface Latency {
  pattern: string;
  verb: "provision" | "revoke";
  /** Milliseconds from the run's lease to its end, the median of the rounds. */
  wallMs: number;
  calls: number;
  /** Calls one after the other, and what they took together on the wire, of that round. */
  chain: Chain;
  /** `wallMs` ÷ `chain.ms`. */
  ratio: number;
  /** The least `ratio` of the rounds: what a machine does that is kept from nothing meanwhile. */
  bestRatio: number;
  /** `wallMs` ÷ (`chain.calls` × `injectedMs`): as if the sandbox itself took no time. */
  strictRatio: number;
}

type Round = Omit<Latency, "pattern" | "verb" | "bestRatio">;

/** Each pattern provisioned and revoked while every call takes `injectedMs` longer. */
export async function measureLatency({ world }: Stand): Promise<Latency[]> {
  const calls: TimedCall[] = [];
  const worker = world.worker("bench", {
    sessions: {
      onCall: (call) => {
        onCall(call);
        // Made inside the sessions, with credentials that are there.
        if (call.operation !== "AssumeRole") return;
        const end = performance.now();
        calls.push({ start: end - call.durationMs, end });
      },
    },
  });
  const deps = { ...worker, sessions: onTheWire(worker.sessions, (call) => calls.push(call)) };
  const timed = async (runId: string): Promise<Round> => {
    calls.length = 0;
    const started = performance.now();
    await executeRun(deps, runId);
    const wallMs = performance.now() - started;
    const { state, error } = await world.run(runId);
    if (state !== "succeeded") throw new Error(`The run ended ${state}: ${JSON.stringify(error)}`);
    const chain = longestChain(calls);
    return {
      wallMs,
      calls: calls.length,
      chain,
      ratio: wallMs / chain.ms,
      strictRatio: wallMs / (chain.calls * injectedMs),
    };
  };

  const results: Latency[] = [];
  for (const pattern of patternIds) {
    // Once without the delay, so that nothing is loaded or compiled for the first time.
    const warm = await grantOf(world, pattern);
    await timed(await world.approve([warm]));
    await timed(await world.revoke(warm.id));
    await world.faults({ latencyMs: injectedMs });
    const measured: Record<Latency["verb"], Round[]> = { provision: [], revoke: [] };
    for (let round = 0; round < rounds; round += 1) {
      const grant = await grantOf(world, pattern);
      measured.provision.push(await timed(await world.approve([grant])));
      measured.revoke.push(await timed(await world.revoke(grant.id)));
    }
    await world.faults({});
    for (const verb of ["provision", "revoke"] as const) {
      const sorted = measured[verb].sort((a, b) => a.wallMs - b.wallMs);
      const median = sorted[Math.floor(sorted.length / 2)];
      const bestRatio = Math.min(...sorted.map(({ ratio }) => ratio));
      if (median) results.push({ pattern, verb, ...median, bestRatio });
    }
  }
  return results;
}
