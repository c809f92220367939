import { AsyncLocalStorage } from "node:async_hooks";
import { isKind } from "#lib/aws/errors.ts";
import type { AccountClients, AwsCall, AwsSessions, SessionPurpose } from "#lib/aws/sessions.ts";
import type { Account } from "#lib/model/account.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { Rates } from "./rates.ts";

/** A call with the time at which it ended. */
export interface RecordedCall extends AwsCall {
  at: Date;
}

const recorder = new AsyncLocalStorage<RecordedCall[]>();

/** For `createSessions`: hands each call to the step in whose course it was made. */
export function onCall(call: AwsCall): void {
  recorder.getStore()?.push({ ...call, at: new Date() });
}

/** Everything that `work` calls in AWS ends up in `calls`, also when it fails. */
export function recording<T>(calls: RecordedCall[], work: () => Promise<T>): Promise<T> {
  return recorder.run(calls, work);
}

/** What every SDK client has, each with types of its own. */
interface Guardable {
  config: { serviceId: string };
  middlewareStack: {
    add(
      middleware: (next: (args: object) => unknown) => (args: object) => Promise<unknown>,
      options: { step: "finalizeRequest"; name: string; priority: "low" },
    ): void;
    addRelativeTo(
      middleware: (
        next: (args: object) => unknown,
        context: { commandName?: string },
      ) => (args: object) => Promise<unknown>,
      options: { name: string; relation: "before"; toMiddleware: "httpSigningMiddleware" },
    ): void;
  };
}

/** What is asked before each attempt of each call. Throws when it may not be made. */
export interface CallGuard {
  /** Last of all, after whatever the attempt has waited for. Costs nothing. */
  check(): void;
  /** Of calls that change something, when their turn has come: much may have happened while they waited. */
  confirm?(): Promise<void>;
}

/** By the names of AWS's operations. */
const reads = /^(Get|List|Describe)/;

/**
 * Clients that ask `guard` before each attempt of each call, so that a worker which was frozen past its lease makes
 * no call when it wakes up. `check` is innermost in the SDK's stack: after the wait for credentials and between
 * retries. Before an attempt is signed it waits for its turn, so that what waits long is not refused as too old.
 */
export function guardedClients(
  { sessions, rates }: { sessions: AwsSessions; rates: Rates },
  account: Account,
  purpose: SessionPurpose,
  guard: CallGuard,
): AccountClients {
  const seen = new WeakSet<Guardable>();
  const guarded = <C>(client: C): C => {
    const guardable = client as Guardable;
    // `open` answers with no client.
    if (!("middlewareStack" in guardable) || seen.has(guardable)) return client;
    seen.add(guardable);
    const { serviceId } = guardable.config;
    guardable.middlewareStack.addRelativeTo(
      (next, { commandName = "" }) =>
        async (args) => {
          await rates.take(account.id, serviceId, purpose.sessionName);
          if (!reads.test(commandName)) await guard.confirm?.();
          try {
            return await next(args);
          } catch (error) {
            if (isKind(error, "throttled")) rates.throttled(account.id, serviceId);
            throw error;
          }
        },
      { name: "drawbridgeRate", relation: "before", toMiddleware: "httpSigningMiddleware" },
    );
    guardable.middlewareStack.add(
      (next) => async (args) => {
        guard.check();
        return next(args);
      },
      { step: "finalizeRequest", name: "drawbridgeLeaseGuard", priority: "low" },
    );
    return client;
  };
  const session = sessions.account(account, purpose);
  // Generic over the services, so that a new one needs no line here.
  const entries = Object.entries(session).map(([name, make]) => [
    name,
    typeof make === "function" ? (...args: [string]) => guarded(make(...args)) : make,
  ]);
  return Object.fromEntries(entries) as AccountClients;
}

/** For the session that asks Access Analyzer. Neither action can be limited to a resource. */
export const analyzerOnly: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["access-analyzer:CheckNoNewAccess", "access-analyzer:ValidatePolicy"],
      Resource: "*",
    },
  ],
};

/** All that planning and reading back need. Its ARNs are the provisioner's: a session policy only narrows. */
export const readOnly: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: [
        "iam:Get*",
        "iam:List*",
        "eks:Describe*",
        "eks:List*",
        "s3:Get*",
        "s3:List*",
        "sqs:Get*",
        "sqs:List*",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
      ],
      Resource: "*",
    },
  ],
};
