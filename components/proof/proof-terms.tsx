import type { ProvenTerm } from "#lib/model/proven-access.ts";

/** What is allowed, on what and only if what: one line for each permission. */
export function ProofTerms({ terms }: { terms: readonly ProvenTerm[] }) {
  return (
    <ul className="grid gap-1">
      {terms.map((term) => (
        <li key={`${term.actions} ${term.on}`} className="wrap-anywhere">
          <span className="text-ink">{term.actions.join(", ")}</span> on{" "}
          <span className="text-ink">{term.on.map(nameOf).join(", ")}</span>{" "}
          {term.onlyIf.length > 0 && (
            <span className="block text-xs">only if {term.onlyIf.join(", and ")}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** "acme-lake/exports/2026/*": what tells it from others of its kind. */
function nameOf(arn: string): string {
  return arn.split(":").slice(5).join(":") || arn;
}
