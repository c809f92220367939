import { Document, isScalar, type ParsedNode, Scalar, visit } from "yaml";

/** What JSON can hold: Kubernetes objects are that. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Comments of a document: one above it, and one above the value at each path (`spec.template`). */
export interface Comments {
  top?: string;
  at?: Record<string, string>;
}

/** Printable lines from the first character on. Blocks of anything else (white space first) don't all read back. */
const readsWellAsBlock = /^[!-~][ -~\n]*$/;

/**
 * One YAML document, by the serialiser and never by templates. Kubernetes reads YAML 1.1, in which `no`, `on` and
 * `2026-01-01` are no strings, and all of them are valid names: `compat` quotes what either version would misread.
 */
export function toYaml(object: JsonObject, comments: Comments = {}): string {
  const document = new Document(object, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && node.value.includes("\n"))
        node.type = readsWellAsBlock.test(node.value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
  });
  if (comments.top) document.commentBefore = commented(comments.top);
  for (const [path, text] of Object.entries(comments.at ?? {})) {
    const keys = path.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    commentOn(document, keys, text);
  }
  return document.toString({ lineWidth: 0 });
}

function commentOn(document: Document, path: (string | number)[], text: string): void {
  const parent = document.getIn(path.slice(0, -1), true) as ParsedNode | undefined;
  const last = path.at(-1);
  if (parent && "items" in parent) {
    for (const item of parent.items) {
      if ("key" in item && isScalar(item.key) && item.key.value === last) {
        item.key.commentBefore = commented(text);
        return;
      }
    }
  }
  throw new TypeError(`There is no ${path.join(".")} to comment on`);
}

function commented(text: string): string {
  return text
    .split("\n")
    .map((line) => ` ${line}`)
    .join("\n");
}

/** Several documents in one text. */
export function joinYaml(documents: readonly string[]): string {
  return documents.map((text) => (text.endsWith("\n") ? text : `${text}\n`)).join("---\n");
}
