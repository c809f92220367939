import { Check, CircleHelp, X } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { inkTone } from "#components/ui/tone.ts";
import type { ElementResult } from "#lib/policy/outcome.ts";

const outcomes = {
  match: { icon: Check, tone: "success", word: "matches" },
  "no-match": { icon: X, tone: "danger", word: "does not match" },
  unknown: { icon: CircleHelp, tone: "warn", word: "not known" },
  indeterminate: { icon: CircleHelp, tone: "warn", word: "can't be decided" },
} as const;

/** Each element of a statement: what the policy says, what the request has, and whether they meet. */
export function ElementTable({ label, elements }: { label: string; elements: readonly ElementResult[] }) {
  return (
    <dl aria-label={label} className="divide-y divide-line rounded-md border border-line text-xs">
      {elements.map((result, at) => {
        const { icon: Icon, tone, word } = outcomes[result.outcome];
        return (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: an element's identity is its place.
            key={at}
            className={cn(
              "grid gap-x-4 gap-y-1 px-3 py-2 sm:grid-cols-[12rem_minmax(0,1fr)_minmax(0,1fr)]",
              result.outcome !== "match" && "bg-sunken",
            )}
          >
            <dt className="flex min-w-0 items-start gap-2 font-medium text-ink">
              <Icon aria-hidden="true" className={cn("mt-0.5 size-3.5 shrink-0", inkTone[tone])} />
              <span className="min-w-0 wrap-anywhere">
                {result.element}
                {result.key !== undefined && (
                  <span className="block font-mono font-normal text-ink-muted">
                    {result.operator} {result.key}
                  </span>
                )}
                <span className="sr-only"> {word}</span>
              </span>
            </dt>
            <dd className="min-w-0">
              <Side title="Policy">
                {result.expected.length === 0
                  ? null
                  : result.expected.map((value) => (
                      <span
                        key={value}
                        className={cn(
                          "block wrap-anywhere",
                          result.fits?.includes(value) && "font-semibold text-success-ink",
                        )}
                      >
                        {value}
                      </span>
                    ))}
              </Side>
            </dd>
            <dd className="min-w-0">
              <Side title="Request">
                {result.dependsOn
                  ? `${result.dependsOn.join(", ")} is not known`
                  : result.actual === null || result.actual.length === 0
                    ? null
                    : result.actual.map((value) => (
                        <span key={value} className="block wrap-anywhere">
                          {value}
                        </span>
                      ))}
              </Side>
              {result.note && <p className="mt-0.5 text-warn-ink">{result.note}</p>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Side({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <span className="block text-2xs text-ink-muted">{title}</span>
      {children === null ? (
        <span className="text-ink-muted">nothing</span>
      ) : (
        <span className="block font-mono text-ink">{children}</span>
      )}
    </>
  );
}
