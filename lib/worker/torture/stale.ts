import type { AwsSessions } from "#lib/aws/sessions.ts";

/**
 * Reads that now and then answer as they did before: IAM and SQS show what was written to some readers later than to
 * others (IAM User Guide, "Changes that I make are not always immediately visible"; SQS API, SetQueueAttributes: up to
 * 60 seconds). Only what this worker has read itself comes again.
 */

const reading = /^(Get|List|Describe)/;

type Answer = { output: unknown } | { error: unknown };
type Handler = (args: { input?: unknown }) => Promise<unknown>;

/** What every SDK client has, each with types of its own. */
interface Client {
  middlewareStack: {
    add(
      middleware: (next: Handler, context: { commandName?: string }) => Handler,
      options: { step: "initialize"; name: string; priority: "low" },
    ): void;
  };
}

/** @param isStale asked for each read that was answered before, with the name of the SDK's command */
export function staleSessions(sessions: AwsSessions, isStale: (command: string) => boolean): AwsSessions {
  const answers = new Map<string, Answer>();
  const watched = new WeakSet<object>();
  const watch = <C>(client: C, accountId: string): C => {
    if (typeof client !== "object" || client === null || !("middlewareStack" in client)) return client;
    if (watched.has(client)) return client;
    watched.add(client);
    (client as unknown as Client).middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          if (!reading.test(commandName)) return next(args);
          const key = `${accountId} ${commandName} ${JSON.stringify(args.input)}`;
          const before = answers.get(key);
          const answer = before && isStale(commandName) ? before : await asked(() => next(args));
          answers.set(key, answer);
          if ("error" in answer) throw answer.error;
          return answer.output;
        },
      { step: "initialize", name: "tortureStaleReads", priority: "low" },
    );
    return client;
  };
  return {
    account(account, purpose) {
      const clients = Object.entries(sessions.account(account, purpose)).map(([name, make]) => [
        name,
        typeof make === "function" ? (...args: [string]) => watch(make(...args), account.id) : make,
      ]);
      return Object.fromEntries(clients);
    },
  };
}

async function asked(ask: () => Promise<unknown>): Promise<Answer> {
  try {
    return { output: await ask() };
  } catch (error) {
    return { error };
  }
}
