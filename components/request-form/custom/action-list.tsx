"use client";

import { Search, X } from "lucide-react";
import { useId, useState } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Input } from "#components/ui/input.tsx";
import type { CustomAction } from "#lib/desired/services/custom-actions.ts";

const groups: [CustomAction["access"], string][] = [
  ["list", "List"],
  ["read", "Read"],
  ["write", "Write"],
  ["tagging", "Tagging"],
];

export type ActionListProps = {
  actions: readonly CustomAction[];
  chosen: readonly string[];
  /** "bucket" */
  wholeNoun: string;
  /** The part of the target that is asked for; empty: all of it. */
  prefix: string;
  onChange: (chosen: string[]) => void;
};

/** The service's actions by AWS's access level, searched by name and meaning. */
export function ActionList({ actions, chosen, wholeNoun, prefix, onChange }: ActionListProps) {
  const [query, setQuery] = useState("");
  const id = useId();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = actions.filter(({ action, about }) =>
    words.every((word) => `${action} ${about}`.toLowerCase().includes(word)),
  );
  const toggle = (action: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(action);
    else next.delete(action);
    // In the table's order, and what the table does not know (of another service) at the end, to be seen and removed.
    const known = actions.map((one) => one.action).filter((one) => next.has(one));
    onChange([...known, ...[...next].filter((one) => !known.includes(one))]);
  };
  return (
    <div className="min-w-0">
      <div className="flex items-center gap-3 border-b border-line p-2">
        <Input
          icon={<Search aria-hidden="true" />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Enter would send the whole form.
            if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault();
          }}
          aria-label="Search actions"
          placeholder="Search actions"
          autoComplete="off"
          spellCheck={false}
        />
        <span role="status" className="shrink-0 pr-1 text-xs text-ink-muted">
          {chosen.length === 0 ? "None chosen" : `${chosen.length} chosen`}
        </span>
      </div>
      <div className="max-h-72 overflow-y-auto overscroll-contain">
        {groups.map(([access, title]) => {
          const rows = found.filter((one) => one.access === access);
          if (rows.length === 0) return null;
          return (
            <fieldset key={access} aria-labelledby={`${id}-${access}`} className="min-w-0">
              <p
                id={`${id}-${access}`}
                className="sticky top-0 z-10 border-b border-line bg-sunken px-3 py-1 text-xs font-medium text-ink-muted"
              >
                {title}
              </p>
              {rows.map(({ action, about, wholeOnly }) => {
                const on = chosen.includes(action);
                const barred = wholeOnly === true && prefix !== "";
                return (
                  <Checkbox
                    key={action}
                    label={<code className="font-mono text-sm">{action}</code>}
                    description={barred ? `${about}. Only for the whole ${wholeNoun}` : about}
                    checked={on}
                    disabled={barred && !on}
                    onCheckedChange={(next) => toggle(action, next)}
                  />
                );
              })}
            </fieldset>
          );
        })}
        {found.length === 0 && (
          <p className="p-3 text-sm text-ink-muted">
            Nothing matches. What changes permissions, policies or the {wholeNoun} itself can't be asked for.
          </p>
        )}
      </div>
      {chosen.length > 0 && (
        <ul aria-label="Chosen actions" className="flex flex-wrap gap-1 border-t border-line p-2.5">
          {chosen.map((action) => (
            <li
              key={action}
              className="flex min-w-0 items-center rounded-sm border border-line-strong bg-sunken pl-1.5 text-ink"
            >
              <code className="min-w-0 font-mono text-xs wrap-anywhere">{action}</code>
              <button
                type="button"
                aria-label={`Remove ${action}`}
                onClick={() => toggle(action, false)}
                className="grid size-6 shrink-0 place-items-center rounded-sm text-ink-faint hover:bg-hover hover:text-ink any-pointer-coarse:size-9"
              >
                <X aria-hidden="true" className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
