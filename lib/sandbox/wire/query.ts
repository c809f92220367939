import type { NormalizedSchema } from "@smithy/core/schema";
import type { AwsError } from "./error.ts";
import type { WireResponse } from "./http.ts";
import {
  inputOf,
  membersOf,
  type OperationSchema,
  operationName,
  outputOf,
  readScalar,
  type Shape,
} from "./schema.ts";
import { escapeXml, writeMembers } from "./xml.ts";

/**
 * The AWS query protocol (IAM, STS): a form in, XML out. Nested members are dotted keys:
 * `Tags.member.1.Key=team`. Source: Smithy, "AWS query protocol".
 */
interface Node {
  text?: string;
  children: Map<string, Node>;
}

function treeOf(form: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [key, text] of form) {
    let node = root;
    for (const part of key.split(".")) {
      let next = node.children.get(part);
      if (!next) {
        next = { children: new Map() };
        node.children.set(part, next);
      }
      node = next;
    }
    node.text = text;
  }
  return root;
}

export function readQuery(schema: OperationSchema, form: URLSearchParams): Shape {
  return readStruct(inputOf(schema), treeOf(form));
}

function readStruct(schema: NormalizedSchema, node: Node): Shape {
  const shape: Shape = {};
  for (const [name, member] of membersOf(schema)) {
    const child = node.children.get(member.getMemberTraits().xmlName ?? name);
    if (child) shape[name] = readNode(member, child);
  }
  return shape;
}

function readNode(schema: NormalizedSchema, node: Node): unknown {
  const flat = Boolean(schema.getMergedTraits().xmlFlattened);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const holder = flat ? node : node.children.get(item.getMergedTraits().xmlName ?? "member");
    return numbered(holder).map((child) => readNode(item, child));
  }
  if (schema.isMapSchema()) {
    const key = schema.getKeySchema().getMergedTraits().xmlName ?? "key";
    const value = schema.getValueSchema();
    const valueKey = value.getMergedTraits().xmlName ?? "value";
    const map: Shape = {};
    for (const entry of numbered(flat ? node : node.children.get("entry"))) {
      const name = entry.children.get(key)?.text;
      const held = entry.children.get(valueKey);
      if (name !== undefined && held) map[name] = readNode(value, held);
    }
    return map;
  }
  if (schema.isStructSchema()) return readStruct(schema, node);
  return readScalar(schema, node.text ?? "");
}

/** The children `1`, `2`, … in numeric order, whatever order the form had them in. */
function numbered(node: Node | undefined): Node[] {
  return [...(node?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

export function writeQuery(
  schema: OperationSchema,
  output: Shape,
  namespace: string,
  requestId: string,
): WireResponse {
  const name = operationName(schema);
  const shape = outputOf(schema);
  const result = shape.isUnitSchema() ? "" : `<${name}Result>${writeMembers(shape, output)}</${name}Result>`;
  return xmlResponse(
    200,
    `<${name}Response xmlns="${namespace}">${result}` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
    requestId,
  );
}

export function writeQueryError(error: AwsError, namespace: string, requestId: string): WireResponse {
  const fault = error.status >= 500 ? "Receiver" : "Sender";
  return xmlResponse(
    error.status,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${fault}</Type><Code>${error.code}</Code>` +
      `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    requestId,
  );
}

function xmlResponse(status: number, body: string, requestId: string): WireResponse {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}
