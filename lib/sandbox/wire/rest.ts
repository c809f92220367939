import { XmlCodec } from "@aws-sdk/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./error.ts";
import type { WireRequest, WireResponse } from "./http.ts";
import { readJson, readJsonMembers, writeJson } from "./json.ts";
import {
  httpOf,
  inputOf,
  membersOf,
  type OperationSchema,
  outputOf,
  readScalar,
  type Shape,
  writeScalar,
} from "./schema.ts";
import { escapeXml, shapeOf, writeMembers } from "./xml.ts";

/** The two REST protocols bind members to path, query, headers and body alike; only the body's format differs. */
export type BodyFormat = "json" | "xml";

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Labels of a path by its template, or undefined when it does not match. `{Key+}` takes slashes. */
function matchPath(template: string, path: string): Record<string, string> | undefined {
  const names: string[] = [];
  const pattern = template.replace(/\{([A-Za-z]+)(\+?)\}/g, (_, name: string, greedy: string) => {
    names.push(name);
    return greedy ? "(.+)" : "([^/]+)";
  });
  const match = new RegExp(`^${pattern}$`).exec(path);
  if (!match) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]));
}

/** The operation a REST request asks for: of those that match, the one that names most query parameters. */
export function route(
  operations: OperationSchema[],
  request: Pick<WireRequest, "method" | "query">,
  path: string,
): { schema: OperationSchema; labels: Record<string, string> } | undefined {
  let best: { schema: OperationSchema; labels: Record<string, string>; weight: number } | undefined;
  for (const schema of operations) {
    const http = httpOf(schema);
    if (http.method !== request.method) continue;
    const chosen = [...http.query].every(
      ([name, value]) => request.query.has(name) && (value === "" || request.query.get(name) === value),
    );
    const labels = chosen && knowsFlags(schema, request.query) ? matchPath(http.path, path) : undefined;
    const weight = http.query.size;
    if (labels && (!best || weight > best.weight)) best = { schema, labels, weight };
  }
  return best;
}

/**
 * A parameter without a value chooses an operation (`?versioning`). One that this operation does not know means
 * another, which the sandbox lacks: that must not be taken for, say, CreateBucket.
 */
function knowsFlags(schema: OperationSchema, query: URLSearchParams): boolean {
  const known = new Set(membersOf(inputOf(schema)).map(([, member]) => member.getMergedTraits().httpQuery));
  return [...query].every(
    ([name, value]) => value !== "" || httpOf(schema).query.has(name) || known.has(name),
  );
}

export function readRest(
  schema: OperationSchema,
  request: WireRequest,
  labels: Record<string, string>,
  format: BodyFormat,
): Shape {
  const shape: Shape = {};
  const body: [string, NormalizedSchema][] = [];
  for (const [name, member] of membersOf(inputOf(schema))) {
    const traits = member.getMergedTraits();
    if (labels[name] !== undefined) shape[name] = readScalar(member, labels[name]);
    else if (traits.httpLabel) continue;
    else if (traits.httpQuery) readQueryMember(shape, name, member, request.query, traits.httpQuery);
    else if (traits.httpHeader) {
      const text = request.headers[traits.httpHeader.toLowerCase()];
      if (text !== undefined) shape[name] = readScalar(member, text);
    } else if (traits.httpPrefixHeaders) {
      shape[name] = prefixHeaders(request.headers, traits.httpPrefixHeaders);
    } else if (traits.httpPayload) {
      if (request.body.length > 0 || member.isBlobSchema())
        shape[name] = readPayload(member, request.body, format);
    } else body.push([name, member]);
  }
  if (body.length > 0 && format === "json" && request.body.length > 0) {
    Object.assign(shape, readJsonMembers(body, parseJsonBody(request.body)));
  }
  return shape;
}

function readQueryMember(
  shape: Shape,
  name: string,
  member: NormalizedSchema,
  query: URLSearchParams,
  parameter: string,
): void {
  if (!query.has(parameter)) return;
  shape[name] = member.isListSchema()
    ? query.getAll(parameter).map((text) => readScalar(member.getValueSchema(), text))
    : readScalar(member, query.get(parameter) ?? "");
}

function prefixHeaders(headers: Record<string, string>, prefix: string): Record<string, string> {
  const held = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(held.map(([name, value]) => [name.slice(prefix.length), value]));
}

function readPayload(member: NormalizedSchema, body: Buffer, format: BodyFormat): unknown {
  if (member.isBlobSchema()) return body;
  if (member.isStringSchema()) return body.toString("utf8");
  if (format === "json") return readJson(member, parseJsonBody(body));
  const codec = new XmlCodec({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: true,
    xmlNamespace: s3Namespace,
    serviceNamespace: "com.amazonaws.s3",
  });
  try {
    return codec.createDeserializer().read(member, body);
  } catch {
    throw new AwsError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
}

export function parseJsonBody(body: Buffer): Shape {
  try {
    const value: unknown = JSON.parse(body.toString("utf8") || "{}");
    return shapeOf(value);
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON");
  }
}

export function writeRest(
  schema: OperationSchema,
  output: Shape,
  format: BodyFormat,
  requestId: string,
): WireResponse {
  const shape = outputOf(schema);
  const headers: Record<string, string> = requestHeaders(format, requestId);
  const inBody: [string, NormalizedSchema][] = [];
  let payload: Buffer | string | undefined;
  for (const [name, member] of membersOf(shape)) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    const traits = member.getMergedTraits();
    if (traits.httpHeader) headers[traits.httpHeader.toLowerCase()] = headerText(member, value);
    else if (traits.httpPrefixHeaders) {
      for (const [key, text] of Object.entries(shapeOf(value))) {
        headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = String(text);
      }
    } else if (traits.httpPayload) payload = writePayload(member, value, format);
    else inBody.push([name, member]);
  }
  const status = httpOf(schema).status;
  if (payload !== undefined) return { status, headers, body: payload };
  if (format === "json") {
    return { status, headers, body: JSON.stringify(writeJson(shape, output) ?? {}) };
  }
  if (!hasXmlBody(shape)) return { status, headers, body: "" };
  headers["content-type"] = "application/xml";
  const tag = shape.getMergedTraits().xmlName ?? shape.getName() ?? "Result";
  // GetBucketLocation answers `<LocationConstraint>eu-west-1</LocationConstraint>`: the member is the root itself.
  const [only] = inBody;
  const inner =
    only && inBody.length === 1 && only[0] === tag && only[1].isStringSchema()
      ? escapeXml(String(output[only[0]]))
      : writeMembers(shape, output, isBoundElsewhere);
  return {
    status,
    headers,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${tag} xmlns="${s3Namespace}">${inner}</${tag}>`,
  };
}

function isBoundElsewhere(member: NormalizedSchema): boolean {
  const traits = member.getMergedTraits();
  return Boolean(traits.httpHeader || traits.httpPrefixHeaders || traits.httpPayload);
}

function hasXmlBody(shape: NormalizedSchema): boolean {
  return membersOf(shape).some(([, member]) => !isBoundElsewhere(member));
}

function headerText(member: NormalizedSchema, value: unknown): string {
  return value instanceof Date ? value.toUTCString() : writeScalar(member, value);
}

function writePayload(member: NormalizedSchema, value: unknown, format: BodyFormat): Buffer | string {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (member.isStringSchema() || member.isBlobSchema()) return String(value);
  if (format === "json") return JSON.stringify(writeJson(member, value));
  const tag = member.getMergedTraits().xmlName ?? member.getName() ?? "Result";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${tag} xmlns="${s3Namespace}">${writeMembers(member, shapeOf(value))}</${tag}>`;
}

function requestHeaders(format: BodyFormat, requestId: string): Record<string, string> {
  return format === "json"
    ? { "content-type": "application/json", "x-amzn-requestid": requestId }
    : { "x-amz-request-id": requestId, "x-amz-id-2": Buffer.from(requestId).toString("base64") };
}

export function writeRestError(
  error: AwsError,
  format: BodyFormat,
  requestId: string,
  isHead: boolean,
): WireResponse {
  const headers = requestHeaders(format, requestId);
  if (format === "json") {
    headers["x-amzn-errortype"] = error.code;
    const body = JSON.stringify({ message: error.message, ...error.details });
    return { status: error.status, headers, body };
  }
  headers["content-type"] = "application/xml";
  for (const [name, value] of Object.entries(error.details)) {
    if (name.startsWith("x-amz-")) headers[name] = value;
  }
  const details = Object.entries(error.details)
    .filter(([name]) => !name.startsWith("x-amz-"))
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join("");
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code>` +
    `<Message>${escapeXml(error.message)}</Message>${details}<RequestId>${requestId}</RequestId></Error>`;
  return { status: error.status, headers, body: isHead ? "" : body };
}
