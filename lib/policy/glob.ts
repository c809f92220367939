import { memoized } from "./memo.ts";

/**
 * The wildcards of IAM: `*` is any run of characters, `?` any single one. Patterns are lists of UTF-16 codes
 * with two markers rather than regular expressions: text that came from a policy variable then stays literal
 * even if it holds a `*`, and matching takes at most pattern × text steps whatever the pattern.
 */
export type Pattern = readonly number[];

const ANY_RUN = -1;
const ANY_ONE = -2;

/** `text` with every character standing for itself. */
export function literalPattern(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

/** `text` with `*` and `?` as wildcards. */
export const globPattern: (text: string) => Pattern = memoized((text) =>
  literalPattern(text).map((code) => (code === 42 ? ANY_RUN : code === 63 ? ANY_ONE : code)),
);

/**
 * Whether the whole of `text` fits `pattern`.
 *
 * @param noOne a UTF-16 code that `?` does not stand for
 */
export function fits(pattern: Pattern, text: string, noOne?: number): boolean {
  let at = 0;
  let textAt = 0;
  let resumeAt = -1;
  let resumeText = 0;
  while (textAt < text.length) {
    const code = pattern[at];
    if (code === ANY_RUN) {
      resumeAt = at;
      resumeText = textAt;
      at += 1;
    } else if (code !== undefined && isCode(code, text.charCodeAt(textAt), noOne)) {
      at += 1;
      textAt += 1;
    } else if (resumeAt >= 0) {
      // The last run has to swallow one more character; earlier runs never need to be tried again.
      resumeText += 1;
      textAt = resumeText;
      at = resumeAt + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === ANY_RUN) at += 1;
  return at === pattern.length;
}

function isCode(code: number, found: number, noOne: number | undefined): boolean {
  return code === ANY_ONE ? found !== noOne : code === found;
}

/** Whether `text` holds a wildcard. */
export function hasWildcard(text: string): boolean {
  return text.includes("*") || text.includes("?");
}

/**
 * Lower case for A–Z only. `toLowerCase` also folds letters such as the Kelvin sign onto ASCII, and would make
 * two names equal that AWS tells apart.
 */
export const foldCase: (text: string) => string = memoized((text) =>
  text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
);
