import { ChevronRight, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { checkedWords, type FindingsData, severityCounts } from "#components/findings/finding-data.ts";
import { SeverityIcon } from "#components/findings/severity-icon.tsx";
import type { ApprovalItem } from "#components/requests/approval-list.tsx";
import { TargetLines } from "#components/requests/target-lines.tsx";
import type { TargetItem } from "#components/requests/targets-list.tsx";
import { RiskBadge } from "#components/risk/risk-badge.tsx";
import { RiskTable } from "#components/risk/risk-table.tsx";
import { type ProofOf, proofAnswer } from "#lib/model/proof-answer.ts";
import type { Risk } from "#lib/model/risk.ts";
import type { Workload } from "#lib/model/workload.ts";
import { mainReasons } from "#lib/policy/risk.ts";

export type AtAGlanceProps = {
  workload: Workload;
  targets: readonly TargetItem[];
  reason: string;
  risk: Risk;
  findings: FindingsData;
  /** The worker has looked at both accounts. */
  checked: boolean;
  /** Target by target. */
  proof: readonly ProofOf[];
  approvals: readonly ApprovalItem[];
  /** Ids of the requirements that the reader's approval would satisfy. */
  yours: readonly string[];
  open: boolean;
  now: string;
};

/** The whole request in one block: who gets what, how risky it is, what is wrong, who gets in, who must still agree. */
export function AtAGlance(props: AtAGlanceProps) {
  const { workload, targets, reason, risk, now } = props;
  return (
    <section
      aria-label="At a glance"
      className="mb-6 rounded-lg border border-line bg-surface px-4 py-4 shadow-sm sm:px-5"
    >
      <TargetLines workload={workload} targets={targets} now={now} />
      <blockquote className="mt-2 border-l-2 border-accent-line pl-3 text-sm wrap-anywhere whitespace-pre-wrap text-ink">
        {reason}
      </blockquote>
      <dl className="mt-4 grid gap-x-4 gap-y-2.5 border-t border-line pt-4 text-sm sm:grid-cols-[8.5rem_minmax(0,1fr)]">
        <Row label="Risk">
          <details className="group">
            <summary className="flex min-h-6 flex-wrap items-center gap-x-2.5 gap-y-1">
              <RiskBadge level={risk.level} />
              <span className="min-w-0 text-ink">{reasonsOf(risk)}</span>
              <span className="inline-flex items-center gap-0.5 text-xs text-ink-muted">
                <ChevronRight
                  aria-hidden="true"
                  className="size-3.5 transition-transform group-open:rotate-90"
                />
                Why
              </span>
            </summary>
            <div className="mt-2">
              <RiskTable risk={risk} />
            </div>
          </details>
        </Row>
        <Row label="Findings">
          <Findings {...props} />
        </Row>
        {props.proof.length > 0 && (
          <Row label="Proof">
            <Proof {...props} />
          </Row>
        )}
        <Row label={props.open ? "Must still approve" : "Approvals"}>
          <Missing {...props} />
        </Row>
      </dl>
    </section>
  );
}

function reasonsOf(risk: Risk): string {
  if (risk.reasons.length === 0) return "Nothing speaks against it.";
  return mainReasons(risk)
    .map(({ reason }) => reason)
    .join(" ");
}

const link = "text-ink underline decoration-line-strong underline-offset-[3px] hover:decoration-current";

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 sm:col-span-2 sm:grid-cols-subgrid">
      <dt className="text-ink-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Findings({ findings, checked }: AtAGlanceProps) {
  const counts = severityCounts(findings.items);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {counts.map(({ severity, text }) => (
        <a
          key={severity}
          href={`#${findings.items.find((one) => one.severity === severity)?.key}`}
          className={`inline-flex min-h-6 items-center gap-1.5 ${link}`}
        >
          <SeverityIcon severity={severity} />
          {text}
        </a>
      ))}
      {counts.length === 0 && <span className="text-ink">{checkedWords(findings)}</span>}
      {!checked && <span className="text-ink-muted">The live check of both accounts is under way.</span>}
    </div>
  );
}

function Proof({ workload, proof }: AtAGlanceProps) {
  const name = `${workload.namespace}/${workload.serviceAccount} on ${workload.cluster.name}`;
  const { alarms, answer } = proofAnswer(name, proof);
  return (
    <div className="grid gap-1">
      {alarms.map((alarm) => (
        <p key={alarm} className="flex items-start gap-1.5 font-medium wrap-anywhere text-danger-ink">
          <TriangleAlert aria-hidden="true" className="mt-[3px] size-3.5 shrink-0" />
          {alarm}
        </p>
      ))}
      <a href="#proof" className={`inline-block min-h-6 wrap-anywhere ${link}`}>
        {answer}
      </a>
    </div>
  );
}

function Missing({ approvals, yours, open }: AtAGlanceProps) {
  const missing = approvals.filter((approval) => approval.approvedBy === null);
  if (!open || missing.length === 0)
    return (
      <span className="text-ink">
        {approvals.length - missing.length} of {approvals.length} given
      </span>
    );
  return (
    <span className="flex flex-wrap gap-x-4 gap-y-1 text-ink">
      {missing.map((approval) => (
        <span key={approval.id}>
          {approval.admin ? "an admin" : approval.group || "an admin"}{" "}
          <span className="text-ink-muted">({approval.reason})</span>
          {yours.includes(approval.id) && <span className="text-accent-ink"> you can</span>}
        </span>
      ))}
    </span>
  );
}
