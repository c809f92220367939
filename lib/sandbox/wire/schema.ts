import { NormalizedSchema } from "@smithy/core/schema";
import type { StaticOperationSchema } from "@smithy/types";
import { AwsError } from "./error.ts";

/** What a request or response carries, by member name, as the SDK's own types have it. */
export type Shape = Record<string, unknown>;

export type OperationSchema = StaticOperationSchema;

export interface HttpTrait {
  method: string;
  /** Path template, e.g. `/clusters/{name}`. */
  path: string;
  /** Query parameters that choose the operation, e.g. `policy` or `list-type=2`. */
  query: URLSearchParams;
  status: number;
}

/** `[9, namespace, name, traits, input, output]`: an operation as the SDK's clients export it. */
export function operationName(schema: OperationSchema): string {
  return schema[2];
}

export function inputOf(schema: OperationSchema): NormalizedSchema {
  return NormalizedSchema.of(schema[4]);
}

export function outputOf(schema: OperationSchema): NormalizedSchema {
  return NormalizedSchema.of(schema[5]);
}

/** The `http` trait of a REST operation: `[method, "/path?query", status]`. */
export function httpOf(schema: OperationSchema): HttpTrait {
  const traits = schema[3];
  const http = typeof traits === "object" ? traits.http : undefined;
  if (!http) throw new TypeError(`${operationName(schema)} has no http trait`);
  const [method, uri, status] = http;
  const [path = "/", query = ""] = uri.split("?");
  const parameters = new URLSearchParams(query);
  // `x-id` only tells the SDK's telemetry the operation's name; it selects nothing.
  parameters.delete("x-id");
  return { method, path, query: parameters, status };
}

export function membersOf(schema: NormalizedSchema): [string, NormalizedSchema][] {
  return schema.isUnitSchema() ? [] : [...schema.structIterator()];
}

/**
 * The members a caller must give: a structure's schema ends with how many of its first members are required
 * (`[3, ns, name, traits, names, types, required]`).
 */
function requiredMembers(schema: NormalizedSchema): string[] {
  const raw: unknown = schema.getSchema();
  if (!Array.isArray(raw) || raw[0] !== 3) return [];
  const names: unknown = raw[4];
  const count: unknown = raw[6];
  return Array.isArray(names) && typeof count === "number" ? names.slice(0, count).map(String) : [];
}

/** Throws the service's validation error when a required member is missing. */
export function checkRequired(schema: OperationSchema, input: Shape, code: string): void {
  const missing = requiredMembers(inputOf(schema)).filter((name) => input[name] === undefined);
  if (missing.length === 0) return;
  const details = missing.map(
    (name) => `Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
  throw new AwsError(
    code,
    `${details.length} validation error${details.length > 1 ? "s" : ""} detected: ${details.join("; ")}`,
  );
}

/** Text to the value that a scalar schema asks for. Query parameters, labels and headers are all text. */
export function readScalar(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return text === "true";
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isTimestampSchema()) return new Date(text);
  if (schema.isBlobSchema()) return Buffer.from(text, "base64");
  return text;
}

/** A scalar as text, with ISO 8601 times without needless milliseconds, as AWS writes them. */
export function writeScalar(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (schema.isBlobSchema() && value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return String(value);
}
