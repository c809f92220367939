import { CircleCheck, CircleDashed } from "lucide-react";
import type { ReactNode } from "react";
import { DriftFindings } from "#components/drift/drift-findings.tsx";
import type { PlanData } from "#components/plan/plan-data.ts";
import { PlanSteps } from "#components/plan/plan-steps.tsx";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import { TroubleBadge } from "#components/states/state-badges.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Section } from "#components/ui/card.tsx";
import { CodeFrame } from "#components/ui/code-frame.tsx";
import { plainLines } from "#components/ui/code-lines.ts";
import { LinkButton } from "#components/ui/link-button.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { type DriftFinding, type DriftVerdict, isWider } from "#lib/model/drift.ts";
import type { Refusal } from "#lib/model/refusal.ts";

/** How an access compares with AWS (`DriftView` of the queries): plain data. */
export type DriftData = {
  checkedAt: string | null;
  verdict: DriftVerdict | null;
  findings: readonly DriftFinding[];
  plan: PlanData | null;
  repairRunId: string | null;
};

export type DriftSectionProps = {
  drift: DriftData;
  /** Why this person can't repair it now; null: they can. */
  repairRefusal: Refusal | null;
  now: string;
  accountName: (accountId: string) => string;
  /** Accounts are played: this changes something in them. */
  tamperCommand: string | null;
  /** The buttons. */
  actions: ReactNode;
};

/** Where links on the page lead to. */
export const driftAnchor = "drift";

/** Whether what is in AWS is what was approved, what differs, and what a repair would do. */
export function DriftSection(props: DriftSectionProps) {
  const { drift, repairRefusal, now, accountName, tamperCommand, actions } = props;
  const { checkedAt, verdict, findings, plan, repairRunId } = drift;
  // Whoever may not repair anything knows it by the missing button; that nothing can be repaired is for everyone.
  const stuck = repairRefusal?.code === "repair.impossible" ? [repairRefusal] : [];
  const others = repairRefusal?.code === "repair.owner" ? [repairRefusal] : [];
  const mends = plan !== null && stuck.length === 0 && verdict === "drifted";
  return (
    <Section
      id={driftAnchor}
      title="Drift"
      meta={<Verdict drift={drift} />}
      description={
        checkedAt ? (
          <>
            Last compared with AWS <Timestamp value={checkedAt} now={now} />
          </>
        ) : (
          "Not yet compared with AWS"
        )
      }
      actions={actions}
    >
      <div className="space-y-5">
        {repairRunId && (
          <Callout
            tone="info"
            role="status"
            title="Being repaired"
            actions={
              <LinkButton size="sm" href={`/runs/${repairRunId}`}>
                Follow the run
              </LinkButton>
            }
          >
            What was approved is put back. The access stays active meanwhile.
          </Callout>
        )}
        {verdict === null ? (
          <>
            <Nothing checked={checkedAt !== null} />
            {tamperCommand && (
              <div className="space-y-3">
                <p className="text-sm text-ink-muted">
                  In the sandbox this command plays somebody who changes it by the console of an account,
                  behind Drawbridge's back.
                </p>
                <CodeFrame title="terminal" code={tamperCommand} lines={plainLines(tamperCommand)} wrap />
              </div>
            )}
          </>
        ) : (
          <DriftFindings findings={findings} accountName={accountName} />
        )}
        <RefusalList title="A repair does not help here" refusals={stuck} tone="warn" announce={false} />
        <RefusalList title="An owner has to repair it" refusals={others} tone="info" announce={false} />
        {mends && (
          <div>
            <h3 className="mb-1 text-base font-semibold text-ink">What a repair does</h3>
            <p className="mb-3 text-sm text-ink-muted">
              It puts back what was approved and changes nothing else. That needs no new approval: the worker
              compares the approved digest before each call. What was taken away in an account comes back by
              the word of its owners, or of an admin.
            </p>
            <PlanSteps plan={plan} now={now} />
          </div>
        )}
      </div>
    </Section>
  );
}

function Verdict({ drift: { verdict, checkedAt, repairRunId, findings } }: { drift: DriftData }) {
  if (repairRunId) return <StatusBadge label="Repairing" tone="info" pulse />;
  if (verdict === "drifted") return <TroubleBadge trouble={isWider(findings) ? "wider" : "drifted"} />;
  if (verdict === "unknown" || checkedAt === null) return <StatusBadge label="Not known" tone="neutral" />;
  return <StatusBadge label="As approved" tone="success" />;
}

function Nothing({ checked }: { checked: boolean }) {
  const Icon = checked ? CircleCheck : CircleDashed;
  return (
    <p role="status" className="flex items-start gap-2.5 text-base text-ink">
      <Icon
        aria-hidden="true"
        className={`mt-[3px] size-4 shrink-0 ${checked ? "text-success-ink" : "text-ink-faint"}`}
      />
      {checked
        ? "Everything that this access is made of is in AWS as it was approved."
        : "It is compared by itself before long."}
    </p>
  );
}
