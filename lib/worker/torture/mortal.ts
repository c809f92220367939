import { AsyncLocalStorage } from "node:async_hooks";
import { createRetryStrategy } from "#lib/aws/retry.ts";
import type { AwsCall, AwsSessions } from "#lib/aws/sessions.ts";
import { onCall } from "../clients.ts";
import { realTiming, type WorkerDeps } from "../deps.ts";
import { LostLease } from "../lease.ts";
import type { World } from "../testing.ts";

/**
 * Workers that can be made to die at any call to AWS and at any commit, in this process. One that is dead reaches
 * neither AWS nor the database any more, whatever code of it still runs: as after kill -9, only faster. What a call
 * that was on its way has done stays done.
 */

/** Where a worker can die: before a call, after it with its answer lost, or right after a commit. */
export interface Point {
  /** Key of the step's resource (or of the document it shares); `run` for what is done outside of any step. */
  step: string;
  /** `IAM.CreateRole 1 before`: what is about to happen or has happened, with its ordinal in the step. */
  event: string;
}

export function pointName({ step, event }: Point): string {
  return `${step} › ${event}`;
}

/** Waits are cut short: what is waited for in the sandbox is there at once, or after a few milliseconds. */
const hurried = (ms: number, signal?: AbortSignal) => realTiming.sleep(Math.min(ms, 5), signal);

const stepName = new AsyncLocalStorage<string>();

export interface Mortal {
  deps: WorkerDeps;
  /** All that it has reached, in order. */
  reached: Point[];
  dead(): boolean;
}

/**
 * @param diesAt asked at each point; it dies at the first for which this is true. Absent: it lives
 */
export function mortalWorker(
  world: World,
  name: string,
  diesAt: (point: Point, reached: readonly Point[]) => boolean = () => false,
  options: Parameters<World["worker"]>[1] & { clock?: () => number } = {},
): Mortal {
  const reached: Point[] = [];
  const counts = new Map<string, number>();
  let dead = false;

  const alive = () => {
    if (dead) throw new LostLease("This worker was killed.");
  };
  const reach = (what: string, when: string) => {
    alive();
    const step = stepName.getStore() ?? "run";
    const counted = `${step} ${what} ${when}`;
    const nth = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, nth);
    const point = { step, event: `${what} ${nth} ${when}` };
    reached.push(point);
    dead = diesAt(point, reached);
    alive();
  };

  const deps = world.worker(name, {
    ...options,
    timing: {
      now: () => (dead ? Number.POSITIVE_INFINITY : (options.clock ?? realTiming.now)()),
      random: () => 0,
      sleep: hurried,
      ...options.timing,
    },
    sessions: {
      maxAttempts: 1,
      ...options.sessions,
      onCall: (call) => {
        onCall(call);
        if (opensSession(call)) reach("STS.AssumeRole", "after");
      },
    },
  });
  return {
    reached,
    dead: () => dead,
    deps: {
      ...deps,
      sessions: mortalSessions(deps.sessions, reach, options.sessions?.maxAttempts ?? 1),
      prisma: mortalDatabase(deps.prisma, alive, () => reach("commit", "after")),
      locks: {
        ...deps.locks,
        withLock: (resource, holder, signal, work) =>
          deps.locks.withLock(resource, holder, signal, (own) => stepName.run(resource, () => work(own))),
      },
    },
  };
}

/** Made inside the sessions, where no client can be reached; it changes nothing, so that before it is after it. */
function opensSession({ operation }: AwsCall): boolean {
  return operation === "AssumeRole";
}

/** What every SDK client has, each with types of its own. */
interface Client {
  config: { retryStrategy: () => Promise<unknown> };
  middlewareStack: {
    add(
      middleware: (
        next: (args: object) => Promise<unknown>,
        context: { clientName?: string; commandName?: string },
      ) => (args: object) => Promise<unknown>,
      options: { step: "deserialize"; name: string; priority: "high" },
    ): void;
  };
}

function mortalSessions(
  sessions: AwsSessions,
  reach: (what: string, when: string) => void,
  maxAttempts: number,
): AwsSessions {
  const impatient = createRetryStrategy(maxAttempts, () => 0);
  return {
    account(account, purpose) {
      const seen = new WeakSet<object>();
      const watch = <C extends object>(client: C): C => {
        // Not all that the sessions offer makes clients.
        if (seen.has(client) || !("middlewareStack" in client)) return client;
        seen.add(client);
        const { config, middlewareStack } = client as unknown as Client;
        config.retryStrategy = async () => impatient;
        middlewareStack.add(
          (next, { clientName = "", commandName = "" }) =>
            async (args) => {
              const what = `${clientName.replace(/Client$/, "")}.${commandName.replace(/Command$/, "")}`;
              reach(what, "before");
              try {
                return await next(args);
              } finally {
                // Thrown over the answer, good or bad: it never arrives.
                reach(what, "after");
              }
            },
          // Inside the product's own guards and retries, so that "before" means that they let it pass.
          { step: "deserialize", name: "tortureMortality", priority: "high" },
        );
        return client;
      };
      const clients = Object.entries(sessions.account(account, purpose)).map(([name, make]) => [
        name,
        typeof make === "function" ? (...args: [string]) => watch(make(...args)) : make,
      ]);
      return Object.fromEntries(clients);
    },
  };
}

/** Whose every method fails, at any depth: as with a real database only once it is awaited. */
function unreachable(error: unknown): unknown {
  return new Proxy(() => {}, {
    // Whoever awaits it as it is would wait for ever.
    get: (_, name) => (name === "then" ? undefined : unreachable(error)),
    apply: () => Promise.reject(error),
  });
}

function mortalDatabase(
  prisma: WorkerDeps["prisma"],
  alive: () => void,
  committed: () => void,
): WorkerDeps["prisma"] {
  return new Proxy(prisma, {
    get(target, name) {
      try {
        alive();
      } catch (error) {
        return unreachable(error);
      }
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "$transaction") return value.bind(target);
      return async (...args: unknown[]) => {
        const result = await value.apply(target, args);
        committed();
        return result;
      };
    },
  });
}
