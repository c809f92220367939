import {
  emptyQuestion,
  type PlaygroundKind,
  type PlaygroundQuestion,
  type PlaygroundState,
} from "./state.ts";

/** Policies and a request to begin with. */
export interface PlaygroundExample {
  id: string;
  group: "pattern" | "guide" | "mistake";
  title: string;
  /** One line: what there is to see. */
  note: string;
  state: PlaygroundState;
}

/** Documents as texts, and what of the request is not as in an empty playground. */
export function exampleState(
  documents: readonly [kind: PlaygroundKind, text: string][],
  question: Partial<PlaygroundQuestion> = {},
): PlaygroundState {
  return {
    documents: documents.map(([kind, text]) => ({ kind, text })),
    question: { ...emptyQuestion, ...question },
  };
}

/** Rows for keys that the request carries. */
export function rowsOf(context: Readonly<Record<string, string>>): PlaygroundQuestion["context"] {
  return Object.entries(context).map(([key, value]) => ({ key, state: "is", value }));
}
