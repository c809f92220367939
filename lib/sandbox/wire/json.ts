import type { NormalizedSchema } from "@smithy/core/schema";
import type { AwsError } from "./error.ts";
import type { WireResponse } from "./http.ts";
import { membersOf, type OperationSchema, outputOf, type Shape } from "./schema.ts";
import { shapeOf } from "./xml.ts";

/** JSON to what the SDK's types say: times come as epoch seconds and blobs as base64. */
export function readJson(schema: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    return Array.isArray(value) ? value.map((entry) => readJson(item, entry)) : [];
  }
  if (schema.isMapSchema()) {
    const item = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(shapeOf(value)).map(([key, entry]) => [key, readJson(item, entry)]),
    );
  }
  if (schema.isStructSchema()) return readJsonMembers(membersOf(schema), shapeOf(value));
  if (schema.isTimestampSchema()) {
    return typeof value === "number" ? new Date(value * 1000) : new Date(String(value));
  }
  if (schema.isBlobSchema()) return Buffer.from(String(value), "base64");
  return value;
}

export function readJsonMembers(members: [string, NormalizedSchema][], value: Shape): Shape {
  const shape: Shape = {};
  for (const [name, member] of members) {
    const held = readJson(member, value[member.getMergedTraits().jsonName ?? name]);
    if (held !== undefined) shape[name] = held;
  }
  return shape;
}

export function writeJson(schema: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    return Array.isArray(value) ? value.map((entry) => writeJson(item, entry)) : [];
  }
  if (schema.isMapSchema()) {
    const item = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(shapeOf(value)).map(([key, entry]) => [key, writeJson(item, entry)]),
    );
  }
  if (schema.isStructSchema()) {
    const held = shapeOf(value);
    return Object.fromEntries(
      membersOf(schema).map(([name, member]) => [
        member.getMergedTraits().jsonName ?? name,
        writeJson(member, held[name]),
      ]),
    );
  }
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}

/** An answer of a JSON RPC protocol: 1.0 (SQS) or 1.1 (KMS). */
export function writeJsonRpc(
  schema: OperationSchema,
  output: Shape,
  requestId: string,
  version = "1.0",
): WireResponse {
  return {
    status: 200,
    headers: { "content-type": `application/x-amz-json-${version}`, "x-amzn-requestid": requestId },
    body: JSON.stringify(writeJson(outputOf(schema), output) ?? {}),
  };
}

/**
 * An error: `__type` names the shape. Of SQS the header keeps the code of the older query protocol, from which the SDK
 * takes `err.Code` (Smithy, "AWS query compatible").
 *
 * @param queryCode null for a service that never had another protocol
 */
export function writeJsonRpcError(
  error: AwsError,
  namespace: string,
  queryCode: string | null,
  requestId: string,
  version = "1.0",
): WireResponse {
  return {
    status: error.status,
    headers: {
      "content-type": `application/x-amz-json-${version}`,
      "x-amzn-requestid": requestId,
      ...(queryCode !== null && {
        "x-amzn-query-error": `${queryCode};${error.status >= 500 ? "Receiver" : "Sender"}`,
      }),
    },
    body: JSON.stringify({ __type: `${namespace}#${error.code}`, message: error.message, ...error.details }),
  };
}
