import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import { severityWords } from "#components/findings/severity-icon.tsx";
import type { EditorFinding } from "./policy-editor.tsx";
import { lintSeverity } from "./severities.ts";

/** Puts the findings where they are in the text; the gutter, the underlines and F8 follow from it. */
export function showFindings(view: EditorView, findings: readonly EditorFinding[]): void {
  const length = view.state.doc.length;
  const diagnostics = findings.map((finding) => diagnosticOf(finding, length));
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

function diagnosticOf(finding: EditorFinding, length: number): Diagnostic {
  const { severity, range, title, detail, why, mend } = finding;
  const from = Math.min(range?.start.offset ?? 0, length);
  return {
    from,
    to: Math.min(Math.max(range?.end.offset ?? 0, from), length),
    severity: lintSeverity[severity],
    message: `${severityWords[severity].label}: ${title}. ${detail} ${why} ${mend}`,
    renderMessage: () => messageOf(finding),
  };
}

/** What is wrong, why it matters, how to mend it, and where AWS says so. */
function messageOf({ severity, title, detail, why, mend, reference }: EditorFinding): HTMLElement {
  const root = document.createElement("div");
  root.className = "space-y-1 font-sans text-xs";
  const line = (text: string, className: string) => {
    const element = document.createElement("p");
    element.className = className;
    element.textContent = text;
    root.append(element);
  };
  line(`${severityWords[severity].label}: ${title}`, "font-semibold text-ink");
  line(detail, "text-ink wrap-anywhere");
  if (why !== "") line(why, "text-ink-muted");
  line(mend, "text-ink");
  if (reference === undefined) return root;
  const link = document.createElement("a");
  link.href = reference;
  link.target = "_blank";
  link.rel = "noreferrer";
  link.className = "text-accent-ink underline underline-offset-2";
  link.textContent = "Documentation";
  root.append(link);
  return root;
}
