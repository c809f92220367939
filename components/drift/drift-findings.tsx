import { CircleAlert, CircleDashed, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import { cn } from "#components/ui/cn.ts";
import { inkTone, type Tone } from "#components/ui/tone.ts";
import type { DriftEffect, DriftFinding } from "#lib/model/drift.ts";

/** What a difference does to the access, at a glance. */
const effects: Record<DriftEffect, { icon: LucideIcon; tone: Tone; label: string }> = {
  wider: { icon: CircleAlert, tone: "danger", label: "Allows more than approved" },
  both: { icon: CircleAlert, tone: "danger", label: "Allows something else than approved" },
  narrower: { icon: TriangleAlert, tone: "warn", label: "Allows less than approved" },
  undecided: { icon: TriangleAlert, tone: "warn", label: "Not what was approved" },
  none: { icon: Info, tone: "info", label: "Changes no access" },
  unknown: { icon: CircleDashed, tone: "neutral", label: "Not known" },
};

const order: readonly DriftEffect[] = ["wider", "both", "narrower", "undecided", "none", "unknown"];

export type DriftFindingsProps = {
  findings: readonly DriftFinding[];
  /** The account's name, or its id when it has none. */
  accountName: (accountId: string) => string;
};

/** What is not as approved, the worst first: what it means for the access, and what to do. */
export function DriftFindings({ findings, accountName }: DriftFindingsProps) {
  const sorted = order.flatMap((effect) => findings.filter((finding) => finding.effect === effect));
  return (
    <ul aria-label="What is not as approved" className="divide-y divide-line">
      {sorted.map((finding) => (
        <Finding key={`${finding.id} ${finding.key}`} finding={finding} accountName={accountName} />
      ))}
    </ul>
  );
}

function Finding({
  finding,
  accountName,
}: {
  finding: DriftFinding;
  accountName: (accountId: string) => string;
}) {
  const { icon: Icon, tone, label } = effects[finding.effect];
  return (
    <li className="flex gap-3 py-4 first:pt-0 last:pb-0">
      <Icon aria-hidden="true" className={cn("mt-[3px] size-4 shrink-0", inkTone[tone])} />
      <div className="min-w-0 flex-1 space-y-1.5 text-sm wrap-anywhere">
        <p className="text-base font-medium text-ink">{finding.title}</p>
        <p className={cn("text-xs font-medium", inkTone[tone])}>
          {label} · {accountName(finding.accountId)}
        </p>
        <p className="text-ink">{finding.means}</p>
        <Sentences label="Approved" lines={finding.approved} />
        <Sentences label={finding.effect === "unknown" ? "AWS says" : "There now"} lines={finding.now} />
        <p className="text-ink-muted">{finding.nextStep}</p>
      </div>
    </li>
  );
}

function Sentences({ label, lines }: { label: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div className="border-l-2 border-line pl-3">
      <p className="text-xs font-medium text-ink-muted">{label}</p>
      {[...new Set(lines)].map((line) => (
        <p key={line} className="text-ink">
          {line}
        </p>
      ))}
    </div>
  );
}
