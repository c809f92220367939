import { ChevronRight, ExternalLink } from "lucide-react";
import type { FindingData } from "#components/findings/finding-data.ts";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import { ShowPlace } from "#components/findings/show-place.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { TextLink } from "#components/ui/text-link.tsx";

/** The remedy of what is only worth knowing. */
const nothingToDo = "Nothing to do.";

/** What was found, worst first: each says what it is, how to mend it, and leads to where it stands. */
export function FindingsList({ findings }: { findings: readonly FindingData[] }) {
  return (
    <ul className="divide-y divide-line">
      {findings.map((finding) => (
        <li
          key={finding.key}
          id={finding.key}
          className="flex scroll-mt-[calc(var(--sticky-top,0px)+4.5rem)] gap-3 py-3 first:pt-0 last:pb-0 target:bg-accent-soft"
        >
          <SeverityIcon severity={finding.severity} className="mt-[3px]" />
          <div className="min-w-0 flex-1">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-base">
              <Title finding={finding} />
              <Origin finding={finding} />
            </p>
            <p className="text-sm wrap-anywhere text-ink-muted">{finding.detail}</p>
            {finding.mend !== nothingToDo && (
              <p className="mt-1 text-sm wrap-anywhere text-ink">
                <span className="text-ink-muted">
                  {finding.origin === "foreign" ? "For its owners to mend: " : "Mend: "}
                </span>
                {finding.mend}
              </p>
            )}
            {finding.snippet && (
              <CodeBlock
                className="mt-2"
                language="json"
                title={finding.snippet.title}
                code={finding.snippet.json}
              />
            )}
            <Where finding={finding} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Title({ finding: { id, title, place } }: { finding: FindingData }) {
  if (place) return <ShowPlace place={place}>{title}</ShowPlace>;
  if (id === null) return <span className="font-medium wrap-anywhere text-ink">{title}</span>;
  return (
    <a
      href={`/findings#${id}`}
      data-row-link=""
      className="rounded-xs font-medium wrap-anywhere text-ink underline decoration-line-strong underline-offset-[3px] hover:decoration-current"
    >
      {title}
    </a>
  );
}

function Origin({ finding: { origin, source } }: { finding: FindingData }) {
  if (source === "live") return <Badge>Seen in AWS</Badge>;
  if (origin === "foreign") return <Badge>Not of this access, was there before</Badge>;
  return origin === "standing" ? <Badge>In AWS already</Badge> : null;
}

function Where({ finding: { id, why, reference, accountName, place } }: { finding: FindingData }) {
  const words = [
    accountName,
    ...(place ? [place.resource] : []),
    ...(place?.document ? [place.document] : []),
    ...(place?.statement ? [place.statement] : []),
  ];
  return (
    <>
      <p className="mt-1 text-xs wrap-anywhere text-ink-muted">{words.join(" · ")}</p>
      {why && (
        <details className="group mt-1">
          <summary className="inline-flex min-h-6 items-center gap-1 text-xs text-ink-muted hover:text-ink">
            <ChevronRight
              aria-hidden="true"
              className="size-3.5 shrink-0 transition-transform group-open:rotate-90"
            />
            Why it matters
          </summary>
          <div className="mt-1 border-l border-line pl-3 text-sm text-ink">
            <p>{why}</p>
            <p className="mt-1 flex flex-wrap gap-x-4 text-xs">
              {id !== null && (
                <TextLink href={`/findings#${id}`} className="inline-flex min-h-6 items-center">
                  {id}
                </TextLink>
              )}
              {reference && (
                <TextLink
                  href={reference}
                  target="_blank"
                  rel="noreferrer"
                  className="inline-flex min-h-6 items-center gap-1"
                >
                  Reference
                  <ExternalLink aria-hidden="true" className="size-3" />
                  <span className="sr-only">(opens a new tab)</span>
                </TextLink>
              )}
            </p>
          </div>
        </details>
      )}
    </>
  );
}
