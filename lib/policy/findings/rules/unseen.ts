import { isRecord } from "../../conditions.ts";
import type { CheckContext } from "../context.ts";
import type { Path } from "../finding.ts";

/** Of those that IAM stores: control characters, the hard space and the soft hyphen. */
const unseen = /[\u007f-\u00a0\u00ad]/;

/** Characters that nobody sees, and that make a name another one. */
export function checkUnseen({ document, report }: CheckContext): void {
  const check = (text: string, at: Path, onKey?: "key") => {
    const found = unseen.exec(text);
    if (found === null) return;
    const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    report("json.unseen-character", at, `Character ${found.index + 1} of it is U+${code}.`, onKey);
  };
  const walk = (value: unknown, path: Path): void => {
    if (typeof value === "string") check(value, path);
    else if (Array.isArray(value)) {
      for (const [at, item] of value.entries()) walk(item, [...path, at]);
    } else if (isRecord(value)) {
      for (const [key, item] of Object.entries(value)) {
        check(key, [...path, key], "key");
        walk(item, [...path, key]);
      }
    }
  };
  walk(document, []);
}
