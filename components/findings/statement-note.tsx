import type { FindingData } from "#components/findings/finding-data.ts";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import type { PlanStatement } from "#components/plan/plan-data.ts";

/** Above a statement: what it says in words, whose it is, and what was found in it. */
export function StatementNote({
  statement: { sentence, foreign },
  findings,
}: {
  statement: PlanStatement;
  findings: readonly Pick<FindingData, "key" | "severity" | "title">[];
}) {
  return (
    <div className="grid gap-1 text-sm">
      <p className="wrap-anywhere whitespace-normal text-ink">
        {foreign && <span className="text-ink-muted">Not of this access, stays as it is: </span>}
        {sentence}
      </p>
      {findings.map(({ key, severity, title }) => (
        <p key={key} className="flex items-start gap-1.5 whitespace-normal">
          <SeverityIcon severity={severity} className="mt-1" />
          <a
            href={`#${key}`}
            className="inline-flex min-h-6 items-center text-ink underline decoration-line-strong underline-offset-2"
          >
            {title}
          </a>
        </p>
      ))}
    </div>
  );
}
