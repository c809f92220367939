import { CircleCheck } from "lucide-react";
import { severityWords } from "#components/findings/severity-icon.tsx";
import { cn } from "#components/ui/cn.ts";
import { TextLink } from "#components/ui/text-link.tsx";
import { inkTone } from "#components/ui/tone.ts";
import type { ToldFinding } from "#lib/policy/findings/told-finding.ts";

export type FindingListProps = {
  findings: readonly ToldFinding[];
  /** Takes the reader to the place in the text. */
  onShow?: ((finding: ToldFinding) => void) | undefined;
};

/** What is wrong with one document, the worst first: where, why it matters and how to mend it. */
export function FindingList({ findings, onShow }: FindingListProps) {
  if (findings.length === 0)
    return (
      <p className="flex items-center gap-2 text-sm text-ink-muted">
        <CircleCheck aria-hidden="true" className="size-4 text-success-ink" />
        Nothing is wrong with this document.
      </p>
    );
  return (
    <ul className="divide-y divide-line">
      {findings.map((finding) => {
        const { id, severity, path, title, detail, why, mend, reference, range } = finding;
        const { tone, label, icon: Icon } = severityWords[severity];
        return (
          <li key={`${id} ${path} ${detail}`} className="flex gap-2.5 py-2.5 first:pt-0 last:pb-0">
            <Icon aria-hidden="true" className={cn("mt-0.5 size-4 shrink-0", inkTone[tone])} />
            <div className="min-w-0 flex-1 text-sm">
              <div className="flex flex-wrap items-baseline justify-between gap-x-3">
                <p className="font-medium wrap-anywhere text-ink">
                  <span className={cn("mr-1.5 text-xs font-normal", inkTone[tone])}>{label}</span>
                  {title}
                </p>
                {range && onShow && (
                  <button
                    type="button"
                    onClick={() => onShow(finding)}
                    className="rounded-sm text-xs text-accent-ink underline underline-offset-2"
                  >
                    Line {range.start.line}
                    <span className="sr-only">: show it in the editor</span>
                  </button>
                )}
              </div>
              <p className="wrap-anywhere text-ink">{detail}</p>
              <p className="text-ink-muted">{why}</p>
              <p className="text-ink">
                {mend}{" "}
                <TextLink href={reference} target="_blank" rel="noreferrer">
                  Documentation
                </TextLink>
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
