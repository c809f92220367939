"use client";

import { ChevronDown, FlaskConical } from "lucide-react";
import { Fragment } from "react";
import { Button } from "#components/ui/button.tsx";
import { Menu, MenuGroup, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import type { PlaygroundExample } from "#lib/policy/playground/example.ts";

const groups = [
  { group: "mistake", label: "Mistakes made again and again" },
  { group: "pattern", label: "As Drawbridge writes them" },
  { group: "guide", label: "From well-known guides" },
] as const;

export type ExamplesProps = {
  examples: readonly PlaygroundExample[];
  onLoad: (example: PlaygroundExample) => void;
};

/** All examples, for when there is something in the playground already. */
export function ExampleMenu({ examples, onLoad }: ExamplesProps) {
  return (
    <Menu
      className="w-88"
      trigger={
        <Button icon={<FlaskConical aria-hidden="true" />}>
          Examples
          <ChevronDown aria-hidden="true" />
        </Button>
      }
    >
      {groups.map(({ group, label }, at) => (
        <Fragment key={group}>
          {at > 0 && <MenuSeparator />}
          <MenuGroup label={label}>
            {examples
              .filter((example) => example.group === group)
              .map((example) => (
                <MenuItem key={example.id} onSelect={() => onLoad(example)}>
                  {example.title}
                  <span className="block text-xs text-ink-muted">{example.note}</span>
                </MenuItem>
              ))}
          </MenuGroup>
        </Fragment>
      ))}
    </Menu>
  );
}

/** All examples in sight, for an empty playground. */
export function ExampleBoard({ examples, onLoad }: ExamplesProps) {
  return (
    <div className="grid gap-6 md:grid-cols-3">
      {groups.map(({ group, label }) => (
        <section key={group} aria-label={label} className="min-w-0">
          <h2 className="mb-2 text-sm font-medium text-ink-muted">{label}</h2>
          <ul className="divide-y divide-line overflow-clip rounded-lg border border-line bg-surface shadow-sm">
            {examples
              .filter((example) => example.group === group)
              .map((example) => (
                <li key={example.id}>
                  <button
                    type="button"
                    onClick={() => onLoad(example)}
                    className="block w-full px-3.5 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
                  >
                    <span className="block text-sm font-medium text-ink">{example.title}</span>
                    <span className="block text-xs text-ink-muted">{example.note}</span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
