import type { TargetView } from "#lib/db/queries/views/common.ts";
import type { FindingsView, PlanView, ProofView } from "#lib/db/queries/views/plan.ts";
import type { ApprovalView } from "#lib/db/queries/views/request.ts";
import type { PatternOption } from "#lib/desired/options.ts";
import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import type { Risk } from "#lib/model/risk.ts";

/** One target of the form, judged. */
export interface TargetPreview {
  options: PatternOption[];
  /** The recommended pattern's id; null when none fits. */
  recommended: string | null;
  /** The grant as it would be approved, with a placeholder for its id; null while something is missing. */
  grant: Grant | null;
  target: TargetView | null;
  hops: Hop[];
}

/** What the form shows beside what is typed. It rests on the inventory's last snapshot and never waits for AWS. */
export interface Preview {
  /** Everything that stands against submitting this, with the field it is about. */
  refusals: Refusal[];
  /** In the order of the form's targets. */
  targets: TargetPreview[];
  plan: PlanView | null;
  /** Who could reach what, beside who can today; empty when there is no plan. */
  proof: ProofView[];
  /** What is wrong with the documents; the live check comes after submitting. Null when there is no plan. */
  findings: FindingsView | null;
  /** By what is known before the live check; null when there is no plan. */
  risk: Risk | null;
  /** How the pods get their credentials: what the YAML to come is rendered from. */
  access: WorkloadAccess | null;
  approvals: ApprovalView[];
  /** When the oldest snapshot it rests on was read. */
  snapshotAt: string | null;
}
