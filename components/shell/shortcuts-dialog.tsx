"use client";

import { useShortcuts } from "#components/shell/shortcuts.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Switch } from "#components/ui/switch.tsx";

/** Every key that does something on this page, and the switch that turns single keys off. */
export function ShortcutsDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { shortcuts, enabled, setEnabled } = useShortcuts();
  const groups = Map.groupBy(shortcuts, (shortcut) => shortcut.group);
  const listed = [...groups].map(([group, entries]) => ({
    group,
    entries: entries.map(({ keys, label }) => ({ keys, label })),
  }));
  listed.push({
    group: "Palette",
    entries: [{ keys: "Ctrl K", label: "Go to, or do, anything (⌘ K on a Mac)" }],
  });
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Keyboard shortcuts"
      size="sm"
      initialFocus="dialog"
    >
      <div className="space-y-5">
        {listed.map(({ group, entries }) => (
          <div key={group}>
            <h3 className="mb-1 text-xs font-medium text-ink-muted">{group}</h3>
            <dl className="divide-y divide-line">
              {entries.map((entry) => (
                <div key={entry.keys} className="flex items-center justify-between gap-4 py-1.5">
                  <dt className="text-base">{entry.label}</dt>
                  <dd>
                    <Kbd keys={entry.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
        <Switch
          label="Single-key shortcuts"
          description="Turn them off if you speak to your computer or press keys by accident."
          checked={enabled}
          onCheckedChange={setEnabled}
          className="border-t border-line pt-4"
        />
      </div>
    </Dialog>
  );
}
