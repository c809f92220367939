import { Callout } from "#components/ui/callout.tsx";
import type { Refusal } from "#lib/model/refusal.ts";
import { RefusalLink } from "./refusal-link.tsx";

export type RefusalListProps = {
  /** What could not be done: "The request was not sent". */
  title: string;
  refusals: readonly Pick<Refusal, "code" | "field" | "reason" | "nextStep" | "link">[];
  tone?: "danger" | "warn" | "info" | undefined;
  /** Announces it when it appears after an act; leave it out for what stands there from the start. */
  announce?: boolean | undefined;
  className?: string | undefined;
};

/** Why something can't be done, each reason with its next step. Shows nothing without refusals. */
export function RefusalList({
  title,
  refusals,
  tone = "danger",
  announce = true,
  className,
}: RefusalListProps) {
  if (refusals.length === 0) return null;
  return (
    <Callout tone={tone} title={title} role={announce ? "alert" : undefined} className={className}>
      <ul className="space-y-1.5">
        {refusals.map((refusal) => (
          <li key={`${refusal.code} ${refusal.field} ${refusal.reason}`}>
            {refusal.reason} <span className="text-ink-muted">{refusal.nextStep}</span>{" "}
            <RefusalLink link={refusal.link} />
          </li>
        ))}
      </ul>
    </Callout>
  );
}

/** The refusals as one text, for dialogs that show a single message. */
export function refusalText(refusals: readonly Pick<Refusal, "reason" | "nextStep">[]): string {
  return refusals.map(({ reason, nextStep }) => `${reason} ${nextStep}`).join(" ");
}
