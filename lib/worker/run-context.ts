import type { Logger } from "pino";
import type { AccountClients } from "#lib/aws/sessions.ts";
import type { Account } from "#lib/model/account.ts";
import { type Estate, findAccount } from "#lib/model/estate.ts";
import type { Approval } from "./approval.ts";
import { guardedClients, readOnly } from "./clients.ts";
import type { WorkerDeps } from "./deps.ts";
import type { RunHistory } from "./history.ts";
import type { Lease } from "./lease.ts";
import { RunRefused } from "./picture.ts";

/** What all parts of one run share. */
export interface RunContext {
  deps: WorkerDeps;
  lease: Lease;
  log: Logger;
  history: RunHistory;
  /** For CloudTrail: on whose behalf the run acts. */
  sourceIdentity: string;
  readers: Readers;
  /** Found before: it holds while that from which it was found stays the same. */
  known: Known;
}

export interface Known {
  approval?: Approval;
  wanted?: { keys: Set<string>; surroundings: string };
}

/**
 * Reads with waits that end when `over` does. Its reason is thrown at once then; what is still on its way ends with the
 * call that it waits for.
 */
export function until<T>(
  ctx: RunContext,
  over: AbortSignal,
  read: (ctx: RunContext) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.any([ctx.lease.signal, over]);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([read({ ...ctx, lease: { ...ctx.lease, signal } }), ended]);
}

/** Read-only sessions of a run, one an account: planning, looking before each step, reading back. */
export interface Readers {
  of(accountId: string): AccountClients;
  /** Accounts may have been registered or changed since the run began. */
  know(estate: Estate): void;
  account(accountId: string): Account;
}

export function createReaders(
  deps: WorkerDeps,
  check: () => void,
  purpose: { sessionName: string; sourceIdentity: string },
): Readers {
  const open = new Map<string, AccountClients>();
  let known: Estate | undefined;
  const account = (accountId: string): Account => {
    const found = known && findAccount(known, accountId);
    if (found) return found;
    throw new RunRefused({
      cause: `Account ${accountId} is not registered.`,
      nextStep: "Register the account, then retry.",
      code: "AccountUnknown",
    });
  };
  return {
    account,
    know: (estate) => {
      known = estate;
    },
    of(accountId) {
      const guarded =
        open.get(accountId) ??
        guardedClients(deps, account(accountId), { ...purpose, policy: readOnly }, { check });
      open.set(accountId, guarded);
      return guarded;
    },
  };
}
