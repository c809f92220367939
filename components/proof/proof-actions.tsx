import { ChevronRight } from "lucide-react";

/** More than these are folded. */
const shown = 8;

/** The actions of a row; of custom access all that is near it can be many. */
export function ProofActions({ actions }: { actions: readonly string[] }) {
  const rest = actions.slice(shown);
  // Folding two or three would save nothing.
  if (rest.length <= 3) return actions.join(", ");
  return (
    <>
      {actions.slice(0, shown).join(", ")}
      <details className="group">
        <summary className="inline-flex min-h-6 items-center gap-1 text-xs text-ink-muted hover:text-ink">
          <ChevronRight
            aria-hidden="true"
            className="size-3.5 shrink-0 transition-transform group-open:rotate-90"
          />
          and {rest.length} more
        </summary>
        <p className="border-l border-line pl-3">{rest.join(", ")}</p>
      </details>
    </>
  );
}
