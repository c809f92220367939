"use client";

import { ChevronDown, Trash2, WandSparkles } from "lucide-react";
import { type Ref, useCallback, useState } from "react";
import { FindingList } from "#components/policy-editor/finding-list.tsx";
import { PolicyEditor, type PolicyEditorHandle } from "#components/policy-editor/policy-editor.tsx";
import type { StatementMark } from "#components/policy-editor/statement-marks.ts";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Menu, MenuItem } from "#components/ui/menu.tsx";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";
import { MAX_POLICY_LENGTH } from "#lib/policy/findings/json-source.ts";
import type { ToldFinding } from "#lib/policy/findings/told-finding.ts";
import { seemsToBe } from "#lib/policy/playground/seems.ts";
import type { PlaygroundKind } from "#lib/policy/playground/state.ts";
import type { Check } from "./use-checks.ts";
import type { OpenDocument } from "./use-playground.ts";
import { kindLabels, labelOf } from "./words.ts";

export type DocumentPanelProps = {
  document: OpenDocument;
  name: string;
  check: Check | undefined;
  marks: readonly StatementMark[];
  vocabulary: VocabularySource;
  /** Whether to say what each statement means: where nothing else does. */
  sentences: boolean;
  /** What it may be instead. */
  kinds: readonly PlaygroundKind[];
  onEdit: (id: string, text: string) => void;
  onChange: (id: string, kind: PlaygroundKind) => void;
  onRemove: (id: string) => void;
  onShowFinding: (finding: ToldFinding) => void;
  handle: Ref<PolicyEditorHandle>;
};

/** One document: the editor, what is wrong with it and, where nothing else does, what it says. */
export function DocumentPanel({
  document,
  name,
  check,
  marks,
  vocabulary,
  sentences,
  kinds,
  onEdit,
  onChange,
  onRemove,
  onShowFinding,
  handle,
}: DocumentPanelProps) {
  const { id, kind, text } = document;
  const isManifest = kind === "service-account";
  const [refused, setRefused] = useState<number | null>(null);
  const edit = useCallback(
    (next: string) => {
      setRefused(null);
      onEdit(id, next);
    },
    [id, onEdit],
  );
  const findings = check?.told.findings ?? none;
  const told = check?.told.sentences.filter((sentence) => sentence !== null) ?? [];
  const formatted = format(text);
  const seems = seemsToBe(document);
  return (
    <div className="grid min-w-0 gap-4">
      <div className="min-w-0">
        <div className="mb-2 flex flex-wrap items-center justify-end gap-1">
          <Menu
            className="w-72"
            align="start"
            trigger={
              <Button size="sm" variant="ghost" className="mr-auto -ml-2">
                <span className="sr-only">Kind: </span>
                {kindLabels[kind].label}
                <ChevronDown aria-hidden="true" />
              </Button>
            }
          >
            {kinds.map((other) => (
              <MenuItem key={other} onSelect={() => onChange(id, other)}>
                {kindLabels[other].label}
                <span className="block text-xs text-ink-muted">{kindLabels[other].description}</span>
              </MenuItem>
            ))}
          </Menu>
          {!isManifest && (
            <Button
              size="sm"
              variant="ghost"
              icon={<WandSparkles aria-hidden="true" />}
              disabled={formatted === null || formatted === text}
              onClick={() => formatted !== null && edit(formatted)}
            >
              Format
            </Button>
          )}
          <CopyButton text={text} what={name} withText />
          <Button size="sm" variant="ghost" icon={<Trash2 aria-hidden="true" />} onClick={() => onRemove(id)}>
            Remove<span className="sr-only"> {name}</span>
          </Button>
        </div>
        <PolicyEditor
          label={labelOf(name)}
          language={isManifest ? "yaml" : "json"}
          value={text}
          onChange={edit}
          findings={findings}
          marks={marks}
          vocabulary={vocabulary}
          onRefused={setRefused}
          handle={handle}
        />
      </div>
      {seems && (
        <Callout
          tone="warn"
          role="status"
          title={`This looks like a ${kindLabels[seems].label.toLowerCase()}`}
          actions={
            kinds.includes(seems) && (
              <Button size="sm" onClick={() => onChange(id, seems)}>
                Take it for that
              </Button>
            )
          }
        >
          Here it is taken for {name}.
        </Callout>
      )}
      {refused !== null && (
        <Callout tone="warn" role="alert" title="That is longer than any policy, and was not taken over">
          It would have {refused.toLocaleString("en")} characters; at most{" "}
          {MAX_POLICY_LENGTH.toLocaleString("en")} are read. Paste the policy alone.
        </Callout>
      )}
      {check?.problem && (
        <Callout tone="warn" role="status" title={check.problem.reason}>
          {check.problem.nextStep}
        </Callout>
      )}
      {text.trim() !== "" && check && (
        <section aria-label={`Findings of ${name}`}>
          <p role="status" className="sr-only">
            {findings.length === 1 ? "1 finding" : `${findings.length} findings`}
          </p>
          <FindingList findings={findings} onShow={onShowFinding} />
        </section>
      )}
      {sentences && told.length > 0 && (
        <section aria-label={`What ${name} says`}>
          <h3 className="mb-1 text-sm font-medium text-ink">In plain words</h3>
          <ol className="grid gap-1 text-sm text-ink-muted">
            {told.map((sentence, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a statement is its place in the document.
              <li key={at} className="wrap-anywhere">
                {sentence}
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

const none: readonly ToldFinding[] = [];

/** Indented by two; null for what is no JSON, and for what formatting would change (equal keys, of which one is lost). */
function format(text: string): string | null {
  try {
    const formatted = JSON.stringify(JSON.parse(text), null, 2);
    return strip(formatted).length === strip(text).length ? formatted : null;
  } catch {
    return null;
  }
}

function strip(text: string): string {
  return text.replace(/\s/g, "");
}
