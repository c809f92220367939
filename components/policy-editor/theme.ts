import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The classes that all our code has; app/globals.css gives them their colours in both themes. */
export const highlightStyle = HighlightStyle.define([
  { tag: tags.propertyName, class: "tok-property" },
  { tag: tags.string, class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.null], class: "tok-number" },
  { tag: [tags.separator, tags.bracket, tags.punctuation], class: "tok-punctuation" },
]);

const underline = (colour: string) => ({
  backgroundImage: "none",
  textDecoration: `underline wavy var(${colour}) 1.5px`,
  textUnderlineOffset: "3px",
  textDecorationSkipInk: "none",
});

const dot = (colour: string) => ({
  content: '""',
  width: "8px",
  height: "8px",
  marginTop: "6px",
  borderRadius: "50%",
  background: `var(${colour})`,
});

const box = {
  border: "1px solid var(--line-strong)",
  borderRadius: "var(--radius-lg)",
  background: "var(--raised)",
  color: "var(--ink)",
  boxShadow: "var(--shadow-md)",
};

/** All colours are tokens, which change with the theme. */
export const editorTheme = EditorView.theme({
  "&": { fontSize: "var(--text-xs)", background: "var(--surface)", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    fontFeatureSettings: '"calt" 0',
    lineHeight: "1.25rem",
    minHeight: "16rem",
    maxHeight: "32rem",
    overflow: "auto",
  },
  // iOS zooms into fields whose text is smaller than 16 px.
  "@media (any-pointer: coarse)": { ".cm-content": { fontSize: "1rem", lineHeight: "1.5rem" } },
  ".cm-content": { padding: "0.625rem 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 0.75rem 0 0.375rem" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-placeholder": { color: "var(--ink-faint)" },
  ".cm-gutters": { background: "transparent", color: "var(--ink-faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "2rem", padding: "0 0.25rem 0 0.5rem" },
  // An image, so that it lies over a statement's colour and does not replace it.
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundImage: "linear-gradient(var(--hover), var(--hover))" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--pressed)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in oklch, var(--focus) 26%, transparent)",
  },
  ".cm-statement-allows": {
    background: "var(--success-soft)",
    boxShadow: "inset 3px 0 var(--success-solid)",
  },
  ".cm-line.cm-statement-denies": {
    backgroundColor: "var(--danger-soft)",
    boxShadow: "inset 3px 0 var(--danger-solid)",
  },
  ".cm-line.cm-statement-open": {
    backgroundColor: "var(--warn-soft)",
    boxShadow: "inset 3px 0 var(--warn-solid)",
  },
  ".cm-line.cm-statement-nearest": { boxShadow: "inset 3px 0 var(--neutral-solid)" },
  ".cm-lintRange-error": underline("--danger-solid"),
  ".cm-lintRange-warning": underline("--warn-solid"),
  ".cm-lintRange-info": underline("--info-solid"),
  ".cm-lintRange-hint": underline("--neutral-solid"),
  ".cm-lintRange-active": { background: "var(--pressed)" },
  ".cm-gutter-lint": { width: "0.875rem" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 0 0 3px" },
  ".cm-lint-marker": { width: "8px", height: "1.25rem" },
  ".cm-lint-marker-error": dot("--danger-solid"),
  ".cm-lint-marker-warning": dot("--warn-solid"),
  ".cm-lint-marker-info": dot("--info-solid"),
  ".cm-lint-marker-hint": dot("--neutral-solid"),
  ".cm-lint-marker:before": { content: "none !important" },
  ".cm-tooltip": { ...box, zIndex: "40", maxWidth: "min(30rem, calc(100vw - 2rem))" },
  ".cm-tooltip.cm-tooltip-lint": { padding: "0" },
  ".cm-tooltip ul.cm-tooltip-lint": { margin: "0", padding: "0" },
  ".cm-diagnostic": { padding: "0.5rem 0.75rem", borderLeft: "3px solid var(--neutral-solid)", margin: "0" },
  ".cm-diagnostic + .cm-diagnostic": { borderTop: "1px solid var(--line)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--danger-solid)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn-solid)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--info-solid)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-mono)",
    fontSize: "var(--text-xs)",
    maxHeight: "16rem",
    minWidth: "min(18rem, calc(100vw - 3rem))",
    padding: "0.25rem",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    gap: "0.75rem",
    alignItems: "baseline",
    padding: "0.25rem 0.5rem",
    borderRadius: "var(--radius-md)",
    lineHeight: "1.125rem",
    color: "var(--ink)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    background: "var(--pressed)",
    color: "var(--ink)",
  },
  ".cm-completionLabel": { overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: "var(--accent-ink)" },
  ".cm-completionDetail": {
    marginLeft: "auto",
    fontStyle: "normal",
    fontFamily: "var(--font-sans)",
    color: "var(--ink-muted)",
    whiteSpace: "nowrap",
  },
  ".cm-tooltip.cm-completionInfo": {
    ...box,
    padding: "0.5rem 0.75rem",
    fontSize: "var(--text-xs)",
    lineHeight: "1.125rem",
    maxWidth: "18rem",
  },
  ".cm-panels": { background: "var(--sunken)", color: "var(--ink)", fontFamily: "var(--font-sans)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel input, .cm-panel button": {
    ...box,
    boxShadow: "none",
    backgroundImage: "none",
    borderRadius: "var(--radius-md)",
    fontSize: "var(--text-xs)",
    padding: "0.125rem 0.5rem",
  },
  ".cm-panel label": { fontSize: "var(--text-xs)" },
  ".cm-searchMatch": { background: "var(--accent-soft)" },
  ".cm-searchMatch-selected": { background: "var(--accent-line)" },
});
