import type { ProvenRow } from "#lib/model/proven-access.ts";
import type { FindingOrigin } from "#lib/plan/findings.ts";
import type { Verb } from "#lib/plan/plan.ts";
import type { Severity } from "#lib/policy/findings/finding.ts";

/** The plan of a request with its documents, findings and proof. */

/** A document that a step writes, as formatted JSON. Null: there is none. */
export interface DocumentView {
  title: string;
  before: string | null;
  after: string | null;
  /** How many statements of others are left out here because the actor may not see them. They stay unchanged. */
  hiddenStatements: number;
  /** One sentence for each statement of ours in `after`. */
  sentences: string[];
  /** Of a policy: the statements of `after` that are shown here, each with its lines and in words. */
  statements: StatementView[];
}

/** A statement in the text of a document. */
export interface StatementView {
  /** From 0, in the text that is shown. */
  index: number;
  sid: string | null;
  /** Lines of the text from 1, both inclusive. */
  from: number;
  to: number;
  sentence: string;
  /** Written by others, or for other access. */
  foreign: boolean;
}

/** Something wrong, or worth knowing, with all that a reader needs to act on it. */
export interface FindingView {
  /** Unique in its list. */
  key: string;
  /** A row of the catalogue; null: only the live check knows it. */
  id: string | null;
  /** A check of a document, or the worker's look at AWS. */
  source: "document" | "live";
  severity: Severity;
  title: string;
  detail: string;
  why: string;
  mend: string;
  /** JSON that the remedy speaks of, to be taken over. */
  snippet: { title: string; json: string } | null;
  reference: string | null;
  origin: FindingOrigin;
  accountId: string;
  accountName: string;
  /** Where in the plan it is; null: nowhere, or nowhere that this reader sees. */
  place: {
    stepKey: string;
    /** What the step makes. */
    resource: string;
    document: string | null;
    statement: string | null;
    lines: { from: number; to: number } | null;
    /** The condition of a grant's own permissions that it is about. */
    condition: GrantCondition | null;
  } | null;
}

/** A condition where the grant that is asked for says it. */
export interface GrantCondition {
  grantId: string;
  operator: string;
  key: string;
  values: string[];
  /** Of the statement that it stands in. */
  actions: string[];
}

export interface FindingsView {
  /** How many documents were checked. */
  documents: number;
  /** Against how many rules. */
  rules: number;
  /** Worst first. */
  items: FindingView[];
}

export interface StepView {
  key: string;
  kind: string;
  verb: Verb;
  accountId: string;
  region: string;
  title: string;
  /** Why it is `use` or `conflict`. */
  reason: string | null;
  differences: string[];
  dependsOn: string[];
  documents: DocumentView[];
}

export interface PlanView {
  accounts: { accountId: string; name: string; steps: StepView[] }[];
  changes: number;
  conflicts: number;
  /** When the oldest of the snapshots it rests on was read; null: an account was never read. */
  snapshotAt: string | null;
}

/** Who could reach a grant's target by what is planned, beside who can today. */
export interface ProofView {
  grantId: string;
  rows: ProvenRow[];
}
