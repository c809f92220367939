import type { Outcome } from "#lib/aws/controller.ts";
import { controllerFor } from "#lib/aws/controllers.ts";
import { createWait, type Wait } from "#lib/aws/wait.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { inAws } from "./aws-attempt.ts";
import { guardedClients } from "./clients.ts";
import { databaseNow } from "./deps.ts";
import type { RunContext } from "./run-context.ts";
import { sessionPolicy } from "./session-policy.ts";
import type { Attempt } from "./step-rows.ts";

/** A controller waits for what was made a moment ago; it stops when the lease, the lock or the process ends. */
function waitOf({ deps }: RunContext, signal: AbortSignal): Wait {
  return createWait({
    signal: AbortSignal.any([signal, deps.stopping]),
    now: deps.timing.now,
    sleep: deps.timing.sleep,
    deadlineMs: deps.timing.visibleWithinMs,
  });
}

/** What is there now. Reads only, with the run's read-only session. */
export function look(
  ctx: RunContext,
  resource: CloudResource,
  { calls }: Pick<Attempt, "calls">,
  signal: AbortSignal,
): Promise<Observed> {
  const { installation } = ctx.deps;
  const wait = waitOf(ctx, signal);
  return inAws(signal, calls, () => {
    const clients = ctx.readers.of(resource.accountId);
    return controllerFor(resource).observe({ clients, installation, wait }, resource);
  });
}

interface Act {
  resource: CloudResource;
  observed: Observed;
  verb: "create" | "update" | "delete";
}

/** With a session of the step's own, that can do this and nothing else, and ends soon after the lease. */
export async function act(
  ctx: RunContext,
  { resource, observed, verb }: Act,
  { calls }: Pick<Attempt, "calls">,
  signal: AbortSignal,
): Promise<Outcome> {
  const { deps, lease, readers, sourceIdentity } = ctx;
  const leaseEnds = new Date((await databaseNow(deps.prisma)).getTime() + deps.leaseSeconds * 1000);
  const purpose = {
    sessionName: `drawbridge-${lease.run.id}`,
    sourceIdentity,
    policy: sessionPolicy(resource, leaseEnds),
  };
  const account = readers.account(resource.accountId);
  const { clients, close } = guardedClients(deps.sessions, account, purpose, () => {
    lease.check();
    signal.throwIfAborted();
  });
  const context = { clients, installation: deps.installation, wait: waitOf(ctx, signal) };
  const controller = controllerFor(resource);
  try {
    return await inAws(signal, calls, () =>
      verb === "create"
        ? controller.create(context, resource)
        : controller[verb](context, resource, observed),
    );
  } finally {
    close();
  }
}
