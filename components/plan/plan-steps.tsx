import { Building2 } from "lucide-react";
import { type FindingData, severityCounts } from "#components/findings/finding-data.ts";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import { type PlanData, type PlanStepData, planCounts, shownVerb } from "#components/plan/plan-data.ts";
import { PlanDocuments } from "#components/plan/plan-documents.tsx";
import { PlanStepFrame } from "#components/plan/plan-step-frame.tsx";
import { VerbBadge } from "#components/states/verb-badge.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";

export type PlanStepsProps = {
  plan: PlanData;
  /** The moment of rendering. */
  now: Date | string;
  /** Which steps show their documents from the start. */
  open?: "changes" | "none" | undefined;
  /** What was found in the documents. */
  findings?: readonly FindingData[] | undefined;
  /** When a worker last looked at the accounts for this plan; null or absent: not yet. */
  checkedAt?: string | null | undefined;
  /** Nothing is planned: this is what was read. */
  asRead?: boolean | undefined;
};

/** The plan account by account: what is made, changed, relied on and left alone, each with its documents. */
export function PlanSteps({
  plan,
  now,
  open = "none",
  findings = [],
  checkedAt = null,
  asRead = false,
}: PlanStepsProps) {
  if (plan.accounts.length === 0)
    return <EmptyState title="Nothing to do" body="Everything that this needs is there already." />;
  return (
    <div className="space-y-6">
      {plan.accounts.map((account) => (
        <section
          key={account.accountId}
          aria-label={`${asRead ? "Policies in" : "Plan for"} ${account.name}`}
          className="min-w-0"
        >
          <h3 className="mb-2 flex flex-wrap items-center gap-x-2 text-base font-medium text-ink">
            <Building2 aria-hidden="true" className="size-4 text-ink-faint" />
            {account.name}
            <span className="font-mono text-xs font-normal text-ink-muted">{account.accountId}</span>
          </h3>
          <ol className="divide-y divide-line overflow-clip rounded-lg border border-line bg-surface">
            {account.steps.map((step) => (
              <li key={step.key}>
                <Step
                  step={step}
                  open={open}
                  findings={findings.filter(({ place }) => place?.stepKey === step.key)}
                  asRead={asRead}
                />
              </li>
            ))}
          </ol>
        </section>
      ))}
      <p className="text-sm text-ink-muted">
        {!asRead && `${planCounts(plan)}. `}
        {plan.snapshotAt === null ? (
          "An account was never read, so everything there counts as not existing yet."
        ) : (
          <>
            {asRead ? "AWS was last read" : "Compared with AWS as last read"}{" "}
            <Timestamp value={plan.snapshotAt} now={now} />
            {!asRead && checkedAt !== null && checkedAt > plan.snapshotAt && (
              <>
                ; the live check looked again <Timestamp value={checkedAt} now={now} />
              </>
            )}
            {asRead ? "." : "; each step looks once more before it acts."}
          </>
        )}
      </p>
    </div>
  );
}

type StepProps = {
  step: PlanStepData;
  open: "changes" | "none";
  findings: readonly FindingData[];
  asRead: boolean;
};

function Step({ step, open, findings, asRead }: StepProps) {
  const changes = step.verb === "create" || step.verb === "update" || step.verb === "delete";
  const sentences = step.documents.flatMap((document) => document.sentences);
  const hidden = step.documents.reduce((sum, document) => sum + document.hiddenStatements, 0);
  return (
    <PlanStepFrame
      id={step.key}
      badge={asRead ? <Badge>As read</Badge> : <VerbBadge verb={shownVerb(step)} />}
      title={step.title}
      documents={step.documents.length}
      startOpen={open === "changes" && changes}
      notes={
        <>
          {step.reason && (
            <p className={step.verb === "conflict" ? "text-danger-ink" : "text-ink-muted"}>{step.reason}</p>
          )}
          {step.verb === "update" && step.differences.length > 0 && (
            <p className="text-ink-muted">Changes: {step.differences.join(", ")}.</p>
          )}
          {sentences.map((sentence) => (
            <p key={sentence} className="wrap-anywhere text-ink">
              {sentence}
            </p>
          ))}
          {findings.length > 0 && (
            <p className="flex flex-wrap gap-x-3 gap-y-1">
              {severityCounts(findings).map(({ severity, text }) => (
                <a
                  key={severity}
                  href={`#${findings.find((one) => one.severity === severity)?.key}`}
                  className="inline-flex min-h-6 items-center gap-1.5 text-ink underline decoration-line-strong underline-offset-2"
                >
                  <SeverityIcon severity={severity} className="size-3.5" />
                  {text}
                </a>
              ))}
            </p>
          )}
          {hidden > 0 && (
            <p className="text-ink-muted">
              {hidden === 1
                ? "1 statement of others is in this policy too. It stays as it is, and only the account's owners see it."
                : `${hidden} statements of others are in this policy too. They stay as they are, and only the account's owners see them.`}
            </p>
          )}
        </>
      }
    >
      <PlanDocuments step={{ key: step.key, documents: step.documents }} findings={findings} />
    </PlanStepFrame>
  );
}
