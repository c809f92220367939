"use client";

import { Plus } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Menu, MenuItem } from "#components/ui/menu.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { mayAdd, type PlaygroundKind } from "#lib/policy/playground/state.ts";
import { DocumentPanel, type DocumentPanelProps } from "./document-panel.tsx";
import type { Check } from "./use-checks.ts";
import type { OpenDocument } from "./use-playground.ts";
import { documentKinds, labelOf } from "./words.ts";

export type DocumentsProps = {
  documents: readonly OpenDocument[];
  names: readonly string[];
  checks: ReadonlyMap<string, Check>;
  shown: string | undefined;
  onShown: (id: string) => void;
  onAdd: (kind: PlaygroundKind) => void;
  /** What each panel needs besides. */
  panel: (document: OpenDocument) => Omit<DocumentPanelProps, "document" | "name" | "check">;
};

/** The policies as tabs, each with the number of its findings. */
export function Documents({ documents, names, checks, shown, onShown, onAdd, panel }: DocumentsProps) {
  return (
    <section aria-label="Policies" className="min-w-0 rounded-lg border border-line bg-surface shadow-sm">
      <div className="flex items-center justify-between gap-2 px-4 pt-3 sm:px-5">
        <h2 className="text-base font-semibold text-ink">Policies</h2>
        <AddMenu documents={documents} onAdd={onAdd} />
      </div>
      <div className="px-4 pb-4 sm:px-5 sm:pb-5">
        {documents.length === 0 ? (
          <p className="pt-2 text-sm text-ink-muted">Add a policy: without any, everything is denied.</p>
        ) : (
          <Tabs
            label="Policies"
            keepMounted
            value={shown ?? documents[0]?.id}
            onValueChange={onShown}
            items={documents.map((document, at) => {
              const check = checks.get(document.id);
              return {
                value: document.id,
                label: labelOf(names[at] ?? ""),
                count: check && check.told.findings.length > 0 ? check.told.findings.length : undefined,
                content: (
                  <DocumentPanel
                    document={document}
                    name={names[at] ?? ""}
                    check={check}
                    {...panel(document)}
                  />
                ),
              };
            })}
          />
        )}
      </div>
    </section>
  );
}

/** One entry a kind; those of which there can be no more are left out. */
export function AddMenu({ documents, onAdd }: Pick<DocumentsProps, "documents" | "onAdd">) {
  return (
    <Menu
      className="w-72"
      trigger={
        <Button size="sm" icon={<Plus aria-hidden="true" />}>
          Add a policy
        </Button>
      }
    >
      {documentKinds
        .filter(({ kind }) => mayAdd(kind, documents))
        .map(({ kind, label, description }) => (
          <MenuItem key={kind} onSelect={() => onAdd(kind)}>
            {label}
            <span className="block text-xs text-ink-muted">{description}</span>
          </MenuItem>
        ))}
    </Menu>
  );
}
