import { createHighlighterCore, type HighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import bash from "shiki/langs/bash.mjs";
import hcl from "shiki/langs/hcl.mjs";
import ini from "shiki/langs/ini.mjs";
import json from "shiki/langs/json.mjs";
import yaml from "shiki/langs/yaml.mjs";
import { type CodeLanguage, type CodeLine, plainLines } from "#components/ui/code-lines.ts";
import { classOfColor, highlightTheme } from "#components/ui/highlight-theme.ts";

let highlighter: Promise<HighlighterCore> | undefined;

function getHighlighter(): Promise<HighlighterCore> {
  highlighter ??= createHighlighterCore({
    themes: [highlightTheme],
    langs: [json, yaml, ini, bash, hcl],
    engine: createJavaScriptRegexEngine(),
  });
  return highlighter;
}

/**
 * Splits code into lines of tokens with a class each: no inline styles, so a strict Content-Security-Policy holds,
 * and both themes share one markup.
 */
export async function highlight(code: string, language: CodeLanguage): Promise<CodeLine[]> {
  if (language === "text") return plainLines(code);
  const shiki = await getHighlighter();
  const { tokens } = shiki.codeToTokens(code, { lang: language, theme: "drawbridge" });
  return tokens.map((line) =>
    line.map((token) => {
      const className = classOfColor(token.color);
      return className ? { text: token.content, className } : { text: token.content };
    }),
  );
}
