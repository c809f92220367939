export type CodeLanguage = "json" | "yaml" | "ini" | "bash" | "hcl" | "text";

/** A run of characters of one kind; `className` is one of the `tok-*` classes of globals.css. */
export type CodeToken = { text: string; className?: string };
export type CodeLine = CodeToken[];

/** Without colours: what shows until the highlighter has loaded. */
export function plainLines(code: string): CodeLine[] {
  return code.split("\n").map((text) => [{ text }]);
}
