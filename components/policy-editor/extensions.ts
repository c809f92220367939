import { closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import { hangingIndent } from "./hanging-indent.ts";
import { statementMarks } from "./statement-marks.ts";
import { editorTheme, highlightStyle } from "./theme.ts";

/** How long Tab leaves the editor after Escape, in milliseconds. */
const leavingMs = 2_000;

/** CodeMirror lets Tab leave after an Escape that did nothing else; here after any, also one that closed a list. */
const escapeLetsTabLeave = Prec.highest(
  EditorView.domEventHandlers({
    keydown(event, view) {
      if (event.key === "Escape") view.setTabFocusMode(leavingMs);
      return false;
    },
  }),
);

/** What the editor of a policy has besides. */
export const policyExtensions: Extension = [placeholder("Paste a policy, or begin with {"), json()];

/** What the editor of a manifest has besides. */
export const manifestExtensions: Extension = placeholder("Paste a ServiceAccount manifest");

/** What every editor has. Tab indents; after Escape it leaves. */
export const editorExtensions: Extension = [
  escapeLetsTabLeave,
  lineNumbers(),
  lintGutter(),
  history(),
  drawSelection(),
  highlightActiveLine(),
  indentOnInput(),
  bracketMatching(),
  search({ top: true }),
  indentUnit.of("  "),
  EditorState.tabSize.of(2),
  EditorView.lineWrapping,
  hangingIndent,
  EditorView.contentAttributes.of({
    spellcheck: "false",
    autocorrect: "off",
    autocapitalize: "off",
    tabindex: "0",
  }),
  statementMarks,
  syntaxHighlighting(highlightStyle),
  editorTheme,
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...lintKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...defaultKeymap,
    indentWithTab,
  ]),
];
