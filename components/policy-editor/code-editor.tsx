"use client";

import { closeBrackets } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef } from "react";
import { MAX_POLICY_LENGTH } from "#lib/policy/findings/json-source.ts";
import { policyCompletion } from "./completion.ts";
import { showFindings } from "./diagnostics.ts";
import { editorExtensions, manifestExtensions, policyExtensions } from "./extensions.ts";
import type { PolicyEditorProps } from "./policy-editor.tsx";
import { showMarks } from "./statement-marks.ts";

export type CodeEditorProps = PolicyEditorProps & { describedBy: string };

/** CodeMirror, kept in step with its props. It keeps its own text, undo history and cursor. */
export function CodeEditor({
  label,
  value,
  language = "json",
  onChange,
  findings,
  marks = none,
  vocabulary,
  onRefused,
  handle,
  describedBy,
}: CodeEditorProps) {
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const latest = useRef({ value, onChange, onRefused });
  useEffect(() => {
    latest.current = { value, onChange, onRefused };
  });

  useEffect(() => {
    if (!parent.current) return;
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          editorExtensions,
          language === "json"
            ? [policyExtensions, closeBrackets(), policyCompletion(vocabulary)]
            : manifestExtensions,
          EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy }),
          EditorState.changeFilter.of(({ newDoc, startState }) => {
            const fits = newDoc.length <= MAX_POLICY_LENGTH || newDoc.length < startState.doc.length;
            if (!fits) latest.current.onRefused?.(newDoc.length);
            return fits;
          }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) latest.current.onChange(state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, [label, language, describedBy, vocabulary]);

  useEffect(() => {
    const view = editor.current;
    if (!view || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    if (editor.current) showFindings(editor.current, findings);
  }, [findings]);

  useEffect(() => {
    if (editor.current) showMarks(editor.current, marks);
  }, [marks]);

  useImperativeHandle(
    handle,
    () => ({
      select(from, to) {
        const view = editor.current;
        if (!view) return;
        const within = (offset: number) => Math.min(offset, view.state.doc.length);
        view.dispatch({ selection: { anchor: within(from), head: within(to) }, scrollIntoView: true });
        view.focus();
      },
    }),
    [],
  );

  return <div ref={parent} />;
}

const none: NonNullable<PolicyEditorProps["marks"]> = [];
