import type { ThemeRegistration } from "shiki/core";

/** The kinds of tokens we colour; globals.css has a `tok-*` class for each. */
export type TokenKind = "property" | "string" | "number" | "keyword" | "comment" | "punctuation";

/** Later entries win where two scopes fit equally well. */
const scopes: [kind: TokenKind, scopes: string[]][] = [
  ["punctuation", ["punctuation", "keyword.operator"]],
  ["comment", ["comment", "punctuation.definition.comment"]],
  ["string", ["string", "punctuation.definition.string"]],
  ["number", ["constant.numeric", "constant.language", "constant.character.escape"]],
  [
    "keyword",
    [
      "keyword.control",
      "storage",
      "entity.name.type",
      "entity.name.section",
      "entity.name.function",
      "entity.name.command",
      "support.function",
    ],
  ],
  [
    "property",
    [
      "support.type.property-name",
      "punctuation.support.type.property-name",
      "entity.name.tag",
      "keyword.other.definition",
      "variable.declaration",
      "variable.other",
      "punctuation.definition.variable",
    ],
  ],
];

const variable = (kind: TokenKind) => `var(--tok-${kind})`;

/** Not colours but names: `highlight` turns each variable into a class. */
export const highlightTheme: ThemeRegistration = {
  name: "drawbridge",
  fg: "var(--tok-plain)",
  bg: "var(--tok-background)",
  settings: [
    ...scopes.map(([kind, scope]) => ({ scope, settings: { foreground: variable(kind) } })),
    // A shell's bare words would all be strings.
    { scope: "string.unquoted.argument", settings: { foreground: "var(--tok-plain)" } },
  ],
};

const names = new Map(scopes.map(([kind]) => [variable(kind), `tok-${kind}`]));

export function classOfColor(color: string | undefined): string | undefined {
  return color === undefined ? undefined : names.get(color.toLowerCase());
}
