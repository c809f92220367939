import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
  snippetCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { type Place, placeAt } from "#lib/policy/editing/place.ts";
import { type Suggestion, suggestionsFor } from "#lib/policy/editing/suggestions.ts";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";

/** Suggests elements, actions, resource patterns, operators and condition keys, for the statement that is typed in. */
export function policyCompletion(source: VocabularySource): Extension {
  return autocompletion({
    icons: false,
    maxRenderedOptions: 100,
    override: [(context) => complete(context, source)],
  });
}

async function complete(
  context: CompletionContext,
  source: VocabularySource,
): Promise<CompletionResult | null> {
  const text = context.state.doc.toString();
  const place = placeAt(text, context.pos);
  if (place === null || (!place.quoted && !context.explicit)) return null;
  const typed = text.slice(place.from, context.pos);
  // Without the words there are no suggestions; typing goes on.
  const found = await suggestionsFor(place.wanted, typed, source).catch(() => null);
  if (found === null || context.aborted) return null;
  return {
    from: place.from,
    options: found.suggestions.map((suggestion) => completionOf(suggestion, place)),
    validFor: found.validFor,
  };
}

function completionOf({ text, detail, info, kind, fields }: Suggestion, place: Place): Completion {
  const shown = { label: text, ...(detail ? { detail } : {}), ...(info ? { info } : {}) };
  if (fields !== undefined) return snippetCompletion(place.quoted ? fields : `"${fields}"`, shown);
  return {
    ...shown,
    apply: (view, completion) => {
      const [insert, to] = inserted(view, place, text, kind);
      const from = place.from;
      const open = kind === "prefix";
      const anchor = from + insert.length - (open && !place.quoted ? 1 : 0);
      view.dispatch({
        changes: { from, to, insert },
        selection: { anchor },
        annotations: pickedCompletion.of(completion),
      });
      if (open) startCompletion(view);
    },
  };
}

/** The text with the quotes and, for a key, the colon that are not there yet; and up to where it takes the place. */
function inserted(
  view: EditorView,
  place: Place,
  text: string,
  kind: Suggestion["kind"],
): [insert: string, to: number] {
  const { head } = view.state.selection.main;
  const to = Math.max(place.to, head);
  const colon = kind === "key";
  if (!place.quoted) return [colon ? `"${text}": ` : `"${text}"`, to];
  const after = view.state.sliceDoc(to, to + 50);
  const closed = after.startsWith('"');
  if (!colon || /^"\s*:/.test(after)) return [text, to];
  return [`${text}": `, closed ? to + 1 : to];
}
