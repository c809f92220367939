import type { AwsSessions } from "#lib/aws/sessions.ts";

/** A call to AWS from its first byte to its answer, in milliseconds on one clock. */
export interface TimedCall {
  start: number;
  end: number;
}

/** What every SDK client has, each with types of its own. */
interface Client {
  middlewareStack: {
    add(
      middleware: (next: (args: object) => Promise<unknown>) => (args: object) => Promise<unknown>,
      options: { step: "deserialize"; name: string; priority: "low" },
    ): void;
  };
}

/**
 * Sessions that tell when each call is on the wire. Around the request alone, so that a call which waits for the
 * credentials of its session, for its turn or for a guard begins after that: the answer of STS and the call that needs
 * it come one after the other.
 */
export function onTheWire(sessions: AwsSessions, record: (call: TimedCall) => void): AwsSessions {
  const watched = new WeakSet<object>();
  const watch = <C>(client: C): C => {
    // Not all that the sessions offer makes clients.
    if (typeof client !== "object" || client === null || !("middlewareStack" in client)) return client;
    if (watched.has(client)) return client;
    watched.add(client);
    (client as unknown as Client).middlewareStack.add(
      (next) => async (args) => {
        const start = performance.now();
        try {
          return await next(args);
        } finally {
          record({ start, end: performance.now() });
        }
      },
      { step: "deserialize", name: "benchWire", priority: "low" },
    );
    return client;
  };
  return {
    account(account, purpose) {
      const entries = Object.entries(sessions.account(account, purpose)).map(([name, make]) => [
        name,
        typeof make === "function" ? (...args: [string]) => watch(make(...args)) : make,
      ]);
      return Object.fromEntries(entries);
    },
  };
}
