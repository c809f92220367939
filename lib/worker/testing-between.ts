import { onCall } from "./clients.ts";
import type { Timing } from "./deps.ts";
import type { World } from "./testing.ts";

/**
 * A worker in whose run something happens between two calls: right after its first `operation` has been answered, and
 * before it is let make any other call.
 *
 * @param operation by AWS's name, such as `CreateRole`
 */
export function interruptedAfter(
  world: World,
  operation: string,
  happens: () => Promise<unknown>,
  timing: Partial<Timing> = {},
) {
  let happened: Promise<unknown> | undefined;
  return world.worker("w", {
    timing,
    rates: {
      take: async () => {
        await happened;
      },
      throttled: () => {},
      sharedBy: () => {},
    },
    sessions: {
      onCall: (call) => {
        onCall(call);
        if (call.operation === operation) happened ??= happens();
      },
    },
  });
}
