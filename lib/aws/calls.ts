import { classify } from "./errors.ts";

/** One call to AWS, however many attempts it took: what the audit log keeps of it. No parameters, no bodies. */
export interface AwsCall {
  accountId: string;
  /** The SDK's service id, e.g. `IAM`. */
  service: string;
  /** e.g. `CreateRole`. */
  operation: string;
  requestId?: string;
  httpStatus?: number;
  attempts: number;
  durationMs: number;
  error?: { name: string; message: string };
}

interface Metadata {
  requestId?: string | undefined;
  httpStatusCode?: number | undefined;
  attempts?: number | undefined;
}

function metadataOf(value: unknown): Metadata {
  if (typeof value !== "object" || value === null || !("$metadata" in value)) return {};
  return typeof value.$metadata === "object" && value.$metadata !== null ? value.$metadata : {};
}

type Next = (args: never) => Promise<{ output: unknown }>;

/** The slice of an SDK client that this module needs; every client has it, each with types of its own. */
interface Instrumentable {
  config: { serviceId: string };
  middlewareStack: {
    add(
      middleware: (next: Next, context: { commandName?: string }) => Next,
      options: { step: "initialize"; name: string; priority: "high" },
    ): void;
  };
}

/**
 * Reports every call of the client when it has ended, well or badly. The outermost step of the SDK's stack, so that
 * retries are inside it. A recorder that throws fails the call: no audit, no call.
 */
export function recordCalls(
  client: object,
  accountId: string,
  onCall: (call: AwsCall) => void,
  now: () => number = () => performance.now(),
): void {
  const target = client as Instrumentable;
  const record = (operation: string, started: number, result: unknown, error?: unknown) => {
    const metadata = metadataOf(result);
    const failure = error === undefined ? undefined : classify(error);
    onCall({
      accountId,
      service: target.config.serviceId,
      operation,
      ...(metadata.requestId === undefined ? {} : { requestId: metadata.requestId }),
      ...(metadata.httpStatusCode === undefined ? {} : { httpStatus: metadata.httpStatusCode }),
      attempts: metadata.attempts ?? 1,
      durationMs: Math.round(now() - started),
      ...(failure === undefined ? {} : { error: { name: failure.code, message: failure.message } }),
    });
  };
  target.middlewareStack.add(
    (next, context) => async (args) => {
      const started = now();
      const operation = (context.commandName ?? "Unknown").replace(/Command$/, "");
      let result: { output: unknown };
      try {
        result = await next(args);
      } catch (error) {
        record(operation, started, error, error);
        throw error;
      }
      record(operation, started, result.output);
      return result;
    },
    { step: "initialize", name: "drawbridgeCallRecorder", priority: "high" },
  );
}
