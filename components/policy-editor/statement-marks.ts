import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import type { Bearing } from "#lib/policy/deciding.ts";

/** A statement to set off from the others. Offsets in UTF-16 code units. */
export interface StatementMark {
  from: number;
  to: number;
  bearing: Bearing;
}

const replaceMarks = StateEffect.define<readonly StatementMark[]>();

const looks: Record<Bearing, Decoration> = {
  allows: Decoration.line({ class: "cm-statement-allows" }),
  denies: Decoration.line({ class: "cm-statement-denies" }),
  open: Decoration.line({ class: "cm-statement-open" }),
  nearest: Decoration.line({ class: "cm-statement-nearest" }),
};

/** The lines of the statements, coloured by how they bear on the decision. */
export const statementMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marked, transaction) {
    let next = marked.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(replaceMarks)) continue;
      const { doc } = transaction.state;
      const lines = effect.value.flatMap(({ from, to, bearing }) => {
        const first = doc.lineAt(Math.min(from, doc.length)).number;
        const last = doc.lineAt(Math.min(to, doc.length)).number;
        return Array.from({ length: last - first + 1 }, (_, at) =>
          looks[bearing].range(doc.line(first + at).from),
        );
      });
      next = Decoration.set(lines, true);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function showMarks(view: EditorView, marks: readonly StatementMark[]): void {
  view.dispatch({ effects: replaceMarks.of(marks) });
}
