import { findNodeAtLocation, getLocation, getNodeValue, parseTree } from "jsonc-parser";
import { isRecord, textsOf } from "../conditions.ts";
import { depthOf, MAX_POLICY_DEPTH } from "../findings/json-source.ts";

/** What could be typed at a place of a policy. */
export type Wanted =
  /** a key of the document, or of a statement */
  | { what: "document-element" | "statement-element"; present: string[] }
  | { what: "effect" | "version" | "principal-type" | "operator" }
  | { what: "action" }
  /** with the statement's actions, which say what fits */
  | { what: "resource" | "condition-key"; actions: string[] };

/** What could be typed at an offset, and the text of the string that is there now, without its quotes. */
export interface Place {
  wanted: Wanted;
  from: number;
  to: number;
  /** Whether a string stands there already; else what is typed needs quotes. */
  quoted: boolean;
}

/**
 * What the text has room for at an offset. Works on text that is being typed: nothing has to be complete.
 *
 * @returns null where nothing of a policy's own vocabulary can stand
 */
export function placeAt(text: string, offset: number): Place | null {
  // The reader of unfinished text calls itself for each level.
  if (depthOf(text) > MAX_POLICY_DEPTH) return null;
  const { path, previousNode: node, isAtPropertyKey } = getLocation(text, offset);
  const inside = node?.type === "string" || node?.type === "property";
  // An unfinished string reaches to the end of its line: what is typed takes the place of the name alone.
  const raw = inside ? text.slice(node.offset, node.offset + node.length) : "";
  const closed = raw.length > 1 && raw.endsWith('"');
  const wanted = wantedAt(text, path, isAtPropertyKey);
  if (wanted === null) return null;
  if (!inside) return { wanted, from: offset, to: offset, quoted: false };
  const end = closed ? node.offset + node.length - 1 : offset;
  return { wanted, from: node.offset + 1, to: Math.max(end, offset), quoted: true };
}

type Segments = (string | number)[];

function wantedAt(text: string, path: Segments, atKey: boolean): Wanted | null {
  const [root, second] = path;
  if (atKey && path.length <= 1) {
    return { what: "document-element", present: keysAt(text, []) };
  }
  if (root === "Version" && path.length === 1) return { what: "version" };
  if (root !== "Statement") return null;
  const depth = typeof second === "number" ? 2 : 1;
  const statement = path.slice(0, depth);
  const [element, ...inner] = path.slice(depth);
  if (atKey && inner.length === 0) {
    return { what: "statement-element", present: keysAt(text, statement) };
  }
  return elementAt(text, statement, String(element ?? ""), inner, atKey);
}

function elementAt(
  text: string,
  statement: Segments,
  element: string,
  inner: Segments,
  atKey: boolean,
): Wanted | null {
  switch (element) {
    case "Effect":
      return { what: "effect" };
    case "Action":
    case "NotAction":
      return atKey ? null : { what: "action" };
    case "Resource":
    case "NotResource":
      return atKey ? null : { what: "resource", actions: actionsAt(text, statement) };
    case "Principal":
    case "NotPrincipal":
      return atKey && inner.length === 1 ? { what: "principal-type" } : null;
    case "Condition":
      if (!atKey) return null;
      if (inner.length === 1) return { what: "operator" };
      return inner.length === 2 ? { what: "condition-key", actions: actionsAt(text, statement) } : null;
    default:
      return null;
  }
}

function valueAt(text: string, path: Segments): unknown {
  const tree = parseTree(text);
  const node = tree && findNodeAtLocation(tree, path);
  return node && getNodeValue(node);
}

function keysAt(text: string, path: Segments): string[] {
  const value = valueAt(text, path);
  return isRecord(value) ? Object.keys(value) : [];
}

function actionsAt(text: string, statement: Segments): string[] {
  const value = valueAt(text, statement);
  if (!isRecord(value)) return [];
  return textsOf(value.Action ?? value.NotAction) ?? [];
}
