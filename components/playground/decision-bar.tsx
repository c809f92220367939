import { Ban, CircleCheck, CircleHelp, CircleX, Plus } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { softTone } from "#components/ui/tone.ts";
import type { NotGiven, PlaygroundAnswer } from "#lib/policy/playground/answer.ts";
import { whyNot } from "#lib/policy/why-not.ts";
import { effects } from "./words.ts";

const icons = {
  allow: CircleCheck,
  "explicit-deny": Ban,
  "implicit-deny": CircleX,
  unknown: CircleHelp,
} as const;

export type DecisionBarProps = {
  answer: PlaygroundAnswer;
  /** Whether there can be one more of the kind. */
  mayAdd: (kind: NotGiven) => boolean;
  /** Begins a policy that is not here. */
  onAdd: (kind: NotGiven) => void;
  /** Adds a row for a condition key that the answer hangs on. */
  onAddKey: (key: string) => void;
};

/** The answer and why, in one line or two; always in sight where there is room. */
export function DecisionBar({ answer, mayAdd, onAdd, onAddKey }: DecisionBarProps) {
  if (!answer.ok)
    return (
      <section aria-label="Decision" className="rounded-lg border border-line bg-surface px-4 py-3 shadow-sm">
        <p className="text-sm text-ink-muted">
          <span className="font-medium text-ink">No decision yet.</span> {missing(answer.problems)}
        </p>
      </section>
    );
  const { decision, unreadable, notGiven } = answer;
  const { label, tone } = effects[decision.effect];
  const Icon = icons[decision.effect];
  const keys = (decision.dependsOn ?? []).filter((name) => name.includes(":") && !name.includes(" "));
  return (
    <section
      aria-label="Decision"
      className={cn("rounded-lg border px-4 py-3 shadow-sm", softTone[tone])}
      data-effect={decision.effect}
    >
      <div role="status" className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <p className="flex shrink-0 items-center gap-2 text-lg font-semibold">
          <Icon aria-hidden="true" className="size-5" />
          {label}
        </p>
        <p className="min-w-0 flex-1 basis-72 pt-0.5 text-sm wrap-anywhere text-ink">{whyNot(decision)}</p>
      </div>
      {unreadable.length > 0 && (
        <p className="mt-1 text-sm text-ink">
          Not read: {unreadable.join(" and ")}. It may deny, or allow what nothing else does.
        </p>
      )}
      {notGiven.length > 0 && (
        <p className="mt-1 text-sm text-ink">
          No policy of{" "}
          {new Intl.ListFormat("en", { type: "disjunction" }).format(notGiven.map((one) => owners[one]))} is
          here: if there is one in AWS, it may allow this.
        </p>
      )}
      {keys.length + notGiven.length > 0 && (
        <div className="mt-2 flex flex-wrap gap-2">
          {notGiven.filter(mayAdd).map((one) => (
            <Button key={one} size="sm" icon={<Plus aria-hidden="true" />} onClick={() => onAdd(one)}>
              Add one of {owners[one]}
            </Button>
          ))}
          {keys.map((key) => (
            <Button
              key={key}
              size="sm"
              icon={<Plus aria-hidden="true" />}
              className="max-w-full"
              onClick={() => onAddKey(key)}
            >
              <span className="truncate">Say what {key} is</span>
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}

const owners: Record<NotGiven, string> = { identity: "the caller", resource: "the resource" };

const asked = {
  caller: "who calls",
  action: "the action",
  resource: "the resource",
  resourceAccount: "the account that owns the resource",
} as const;

function missing(problems: Partial<Record<keyof typeof asked, string>>): string {
  const names = (Object.keys(asked) as (keyof typeof asked)[])
    .filter((field) => problems[field] !== undefined)
    .map((field) => asked[field]);
  const last = names.pop() ?? "";
  return `Fill in ${names.length > 0 ? `${names.join(", ")} and ${last}` : last}.`;
}
