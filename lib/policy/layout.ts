import { isRecord } from "./conditions.ts";

const order = [
  "Version",
  "Id",
  "Statement",
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

/**
 * A policy document as people read it: the elements in AWS's documented order and other keys by name, so that two
 * documents that differ only in how they were written show no difference. No value is changed, and lists keep theirs.
 */
export function layOut(document: unknown): string {
  return JSON.stringify(inOrder(document), null, 2);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
}

function rank(key: string): number {
  const place = order.indexOf(key);
  return place === -1 ? order.length : place;
}
