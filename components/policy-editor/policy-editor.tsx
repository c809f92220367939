"use client";

import dynamic from "next/dynamic";
import { type Ref, useId } from "react";
import { Kbd } from "#components/ui/kbd.tsx";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";
import type { ToldFinding } from "#lib/policy/findings/told-finding.ts";
import type { StatementMark } from "./statement-marks.ts";

/** What others may ask of an editor. */
export interface PolicyEditorHandle {
  /** Puts the cursor there, selects it and brings it into sight. Offsets in UTF-16 code units. */
  select(from: number, to: number): void;
}

/** What an editor shows of a finding; a catalogue's has more. */
export type EditorFinding = Pick<ToldFinding, "severity" | "range" | "title" | "detail" | "why" | "mend"> & {
  reference?: string;
};

export type PolicyEditorProps = {
  /** Names the editor: "Trust policy". */
  label: string;
  value: string;
  /** A policy's JSON unless said otherwise. */
  language?: "json" | "yaml" | undefined;
  onChange: (value: string) => void;
  /** Of this text; those of an older one are moved along while it is edited. */
  findings: readonly EditorFinding[];
  /** Statements to set off, e.g. those that decide. */
  marks?: readonly StatementMark[] | undefined;
  vocabulary: VocabularySource;
  /** Text that would make the document longer than any policy is not taken over. */
  onRefused?: ((length: number) => void) | undefined;
  handle?: Ref<PolicyEditorHandle> | undefined;
};

/** The editor's code has 130 kB compressed: only pages that show one load it. */
const CodeEditor = dynamic(() => import("./code-editor.tsx").then(({ CodeEditor }) => CodeEditor), {
  ssr: false,
  loading: () => (
    <div role="status" aria-busy="true" className="min-h-64 px-3.5 py-3 text-sm text-ink-muted">
      Loading the editor…
    </div>
  ),
});

/** JSON of a policy, with completion of AWS's own words, or a manifest; findings where they are, F8 for the next one. */
export function PolicyEditor(props: PolicyEditorProps) {
  const hintId = useId();
  return (
    <div className="min-w-0">
      <div className="overflow-clip rounded-md border border-line-control bg-surface focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-focus">
        <CodeEditor {...props} describedBy={hintId} />
      </div>
      <p id={hintId} className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-muted">
        {props.language !== "yaml" && (
          <span>
            <Kbd keys="Ctrl Space" /> suggests
          </span>
        )}
        <span>
          <Kbd keys="F8" /> next finding
        </span>
        <span>
          <Kbd keys="Esc" /> then <Kbd keys="Tab" /> leaves the editor
        </span>
      </p>
    </div>
  );
}
