import type { ControllerContext, Outcome } from "#lib/aws/controller.ts";
import { controllerFor } from "#lib/aws/controllers.ts";
import { SessionOverError } from "#lib/aws/errors.ts";
import { type AccountClients, clockErrorMs } from "#lib/aws/sessions.ts";
import { createWait } from "#lib/aws/wait.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { MutatingVerb } from "#lib/plan/plan.ts";
import type { Written } from "#lib/policy/written.ts";
import { confirm } from "./approval.ts";
import { onTakenAway } from "./authorise-repair.ts";
import { inAws } from "./aws-attempt.ts";
import { guardedClients, recording } from "./clients.ts";
import type { RunContext } from "./run-context.ts";
import { lastsBeyondLeaseMs, sessionPolicy } from "./session-policy.ts";
import type { Attempt } from "./step-rows.ts";

/** A controller waits for what was made a moment ago; it stops when the lease, the lock or the process ends. */
function contextOf({ deps }: RunContext, clients: AccountClients, signal: AbortSignal): ControllerContext {
  const wait = createWait({
    signal: AbortSignal.any([signal, deps.stopping]),
    now: deps.timing.now,
    sleep: deps.timing.sleep,
    deadlineMs: deps.timing.visibleWithinMs,
  });
  return { clients, installation: deps.installation, wait };
}

/** What is there now. Reads only, with the run's read-only session. */
export function look(
  ctx: RunContext,
  resource: CloudResource,
  { calls }: Pick<Attempt, "calls">,
  signal: AbortSignal,
): Promise<Observed> {
  return inAws(signal, calls, () =>
    controllerFor(resource).observe(contextOf(ctx, ctx.readers.of(resource.accountId), signal), resource),
  );
}

/**
 * The sessions of one attempt, one a verb: each can do what that verb calls, and ends soon after the lease. It is one,
 * unless what is there asks for another verb than was planned.
 */
export type ActingSessions = (verb: MutatingVerb) => Promise<AccountClients>;

export function actingSessions(
  ctx: RunContext,
  resource: CloudResource,
  attempt: Attempt,
  signal: AbortSignal,
): ActingSessions {
  const opened = new Map<MutatingVerb, Promise<AccountClients>>();
  return (verb) => {
    const session = opened.get(verb) ?? openSession(ctx, { resource, verb }, attempt, signal);
    opened.set(verb, session);
    return session;
  };
}

/** It lasts so long at least, however little the lease had left. */
const sessionLastsMs = lastsBeyondLeaseMs - clockErrorMs;

/** STS is asked at once: it answers while the step still looks at what is there. */
async function openSession(
  ctx: RunContext,
  { resource, verb }: Pick<Act, "resource" | "verb">,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<AccountClients> {
  const { deps, lease, readers, sourceIdentity } = ctx;
  const purpose = {
    sessionName: `drawbridge-${lease.run.id}`,
    sourceIdentity,
    policy: (awsNow: Date) => {
      lease.check();
      return sessionPolicy(resource, verb, new Date(awsNow.getTime() + lease.remainingMs()));
    },
  };
  const opened = deps.timing.now();
  const clients = guardedClients(deps, readers.account(resource.accountId), purpose, {
    check: () => {
      lease.check();
      signal.throwIfAborted();
      // Past its end AWS would deny what it has allowed before, which reads like a missing permission.
      if (deps.timing.now() - opened > sessionLastsMs)
        throw new SessionOverError("The session of this step is about to end.");
    },
    confirm: async () => {
      if (attempt.right) await confirm(ctx, attempt.right);
    },
  });
  // What goes wrong here goes wrong again in the first call, whose failure is told.
  await recording(attempt.calls, () => clients.open()).catch(() => {});
  return clients;
}

interface Act {
  resource: CloudResource;
  observed: Observed;
  verb: MutatingVerb;
  /** Of the role that is given permissions, as approved. */
  trust?: PolicyDocument | undefined;
  /** What steps of ours have made of the policy a moment ago. */
  written: readonly Written[];
  /** The step's id. */
  occasion: string;
}

/** Before a deletion: what was given out in the resource's name ends, where there is such a thing. */
export function endSessions(
  ctx: RunContext,
  clients: AccountClients,
  resource: CloudResource,
  { calls }: Pick<Attempt, "calls">,
  signal: AbortSignal,
): Promise<void> {
  const context = contextOf(ctx, clients, signal);
  return inAws(signal, calls, async () => controllerFor(resource).cutOff?.(context, resource));
}

/** Does it, with the step's own session. */
export function act(
  ctx: RunContext,
  clients: AccountClients,
  { resource, observed, verb, trust, written, occasion }: Act,
  { calls, deadGrants }: Pick<Attempt, "calls" | "deadGrants">,
  signal: AbortSignal,
): Promise<Outcome> {
  const base = { ...contextOf(ctx, clients, signal), occasion, deadGrants, written };
  const refusal = onTakenAway(ctx.lease.run, resource.accountId);
  const context = { ...base, ...(trust && { trust }), ...(refusal && { onTakenAway: refusal }) };
  const controller = controllerFor(resource);
  return inAws(signal, calls, () => controller[verb](context, resource, observed));
}
