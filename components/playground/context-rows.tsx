"use client";

import { X } from "lucide-react";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { SuggestInput } from "#components/ui/suggest-input.tsx";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";
import type { ContextRow, RowState } from "#lib/policy/playground/state.ts";
import { useKeyItems } from "./use-suggestions.ts";

export type ContextRowsProps = {
  rows: readonly ContextRow[];
  action: string;
  vocabulary: VocabularySource;
  onChange: (rows: ContextRow[]) => void;
};

const states: { value: RowState; label: string }[] = [
  { value: "is", label: "is" },
  { value: "absent", label: "is absent" },
  { value: "unknown", label: "is not known" },
];

/** What is known of each condition key. Two rows of one key are two values of it. */
export function ContextRows({ rows, action, vocabulary, onChange }: ContextRowsProps) {
  const items = useKeyItems(action, vocabulary);
  if (rows.length === 0) return <p className="text-xs text-ink-muted">None is given.</p>;
  const change = (at: number, next: Partial<ContextRow>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...next } : row)));
  return (
    <ul className="grid gap-3">
      {rows.map(({ key, state, value }, at) => {
        const nth = rows.length > 1 ? ` ${at + 1}` : "";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
          <li key={at} className="grid gap-1.5">
            <span className="flex gap-1.5">
              <SuggestInput
                mono
                aria-label={`Condition key${nth}`}
                items={items}
                value={key}
                placeholder="aws:SourceIp"
                onValueChange={(next) => change(at, { key: next })}
              />
              <IconButton
                label={`Remove key${nth}`}
                icon={<X aria-hidden="true" />}
                onClick={() => onChange(rows.filter((_, index) => index !== at))}
              />
            </span>
            <span className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-1.5 sm:pr-9.5 sm:any-pointer-coarse:pr-11.5">
              <Select<RowState>
                aria-label={`What is known of key${nth}`}
                items={states}
                value={state}
                onValueChange={(next) => change(at, { state: next })}
              />
              {state === "is" && (
                <Input
                  mono
                  aria-label={`Value of key${nth}`}
                  value={value}
                  placeholder="value"
                  spellCheck={false}
                  autoComplete="off"
                  onChange={(event) => change(at, { value: event.target.value })}
                />
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
