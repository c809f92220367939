import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import { conditionPhrase } from "#lib/policy/describe-words.ts";

/** What custom access allows, in full: each statement's actions, and what has to hold for them. */
export function CustomPermissionsList({ custom }: { custom: CustomPermissions }) {
  return (
    <ul className="grid gap-2">
      {custom.map(({ actions, conditions }) => (
        <li key={JSON.stringify([actions, conditions])} className="min-w-0">
          <span className="flex flex-wrap gap-1">
            {actions.map((action) => (
              <code
                key={action}
                className="rounded-sm border border-line bg-sunken px-1 font-mono text-xs wrap-anywhere text-ink"
              >
                {action}
              </code>
            ))}
          </span>
          {conditions.length > 0 && (
            <span className="mt-1 block text-sm wrap-anywhere text-ink-muted">
              only if {conditions.map(conditionPhrase).join(", and ")}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
