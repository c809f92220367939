import type { Access, RequestFacts } from "./authorise.ts";
import type { Caller } from "./callers.ts";
import type { Sandbox } from "./sandbox.ts";
import type { OperationSchema, Shape } from "./wire/schema.ts";
import { shapeOf } from "./wire/xml.ts";

/** What a handler gets beside its input. */
export interface Call {
  sandbox: Sandbox;
  caller: Caller;
  /** The caller's account; empty for anonymous calls. */
  accountId: string;
  /** From the signature's scope. */
  region: string;
  facts: RequestFacts;
  now: number;
}

/** One operation: what it needs to be allowed, and what it does. */
export interface Operation {
  schema: OperationSchema;
  /** All must be allowed before `handle` runs; an empty list asks for nothing (GetCallerIdentity). */
  access(call: Call, input: Shape): Access[];
  handle(call: Call, input: Shape): Promise<Shape>;
  /** Whether a call can change the state. */
  writes: boolean;
}

/** Fills the table of a service. `I` and `O` are the SDK's own types for the operation. */
export function operation<I extends object, O extends object>(
  schema: OperationSchema,
  parts: {
    access: (call: Call, input: I) => Access[];
    handle: (call: Call, input: I) => O | Promise<O>;
  },
): Operation {
  // The wire layer has read the input by the very schema that I is generated from, required members included.
  const typed = (input: Shape): I => input as I;
  return {
    schema,
    access: (call, input) => parts.access(call, typed(input)),
    handle: async (call, input) => shapeOf(await parts.handle(call, typed(input))),
    writes: !/^(Get|List|Describe|Head)/.test(schema[2]),
  };
}

/** An SDK output type without what the client adds itself. */
export type Output<T> = Omit<T, "$metadata">;
