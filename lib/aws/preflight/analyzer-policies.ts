import type { ValidatePolicyResourceType } from "@aws-sdk/client-accessanalyzer";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { documentsOf } from "#lib/plan/documents.ts";
import type { PlanStep } from "#lib/plan/plan.ts";
import { sameDocument } from "#lib/policy/canonical.ts";

/** A policy that a plan makes or changes, as Access Analyzer is asked about it. */
export interface AnalyzedPolicy {
  resource: CloudResource;
  /** Among the documents of its step, in lower case. */
  title: string;
  policyType: "IDENTITY_POLICY" | "RESOURCE_POLICY";
  /** Absent: the checks for all resource policies are made. */
  resourceType?: ValidatePolicyResourceType;
  /** Null: there is none yet. */
  before: PolicyDocument | null;
  after: PolicyDocument;
  /** Sids of what the plan writes into a policy that others write too; null: all of it is ours. */
  own: ReadonlySet<string> | null;
}

/** Service → its type among those that ValidatePolicy knows. Queues have none. */
const resourceTypes: Record<string, ValidatePolicyResourceType> = { s3: "AWS::S3::Bucket" };

type Kind = Pick<AnalyzedPolicy, "policyType" | "resourceType">;

/** Title of a step's document → what kind of policy it is; other documents are no policies. */
const kinds: Record<string, (resource: CloudResource) => Kind> = {
  "Trust policy": () => ({
    policyType: "RESOURCE_POLICY",
    resourceType: "AWS::IAM::AssumeRolePolicyDocument",
  }),
  Permissions: () => ({ policyType: "IDENTITY_POLICY" }),
  "Resource policy": ({ body }) => {
    const resourceType = "service" in body ? resourceTypes[body.service] : undefined;
    return { policyType: "RESOURCE_POLICY", ...(resourceType ? { resourceType } : {}) };
  },
};

/** The policies that the steps make or change, each as a whole. What stays as it is, is left out. */
export function policiesToAnalyze(steps: readonly PlanStep[]): AnalyzedPolicy[] {
  return steps.flatMap((step) => {
    const { resource, verb } = step;
    if (verb !== "create" && verb !== "update") return [];
    const own =
      resource.kind === "resource-policy-statements"
        ? new Set(resource.body.statements.map(({ Sid }) => Sid))
        : null;
    return documentsOf(step).flatMap(({ title, before, after }) => {
      const kind = kinds[title]?.(resource);
      if (!kind || !isPolicy(after)) return [];
      const had = isPolicy(before) ? before : null;
      if (had && sameDocument(had, after, { statementOrder: "ignored" })) return [];
      return [{ resource, title: title.toLowerCase(), ...kind, before: had, after, own }];
    });
  });
}

/** Of the titles above all documents are policies, or null. */
function isPolicy(document: unknown): document is PolicyDocument {
  return typeof document === "object" && document !== null;
}

/** Whether the plan writes this statement of the policy, and nobody else. */
export function isOwn({ after, own }: AnalyzedPolicy, index: number): boolean {
  return own === null || own.has(statementsOf(after)[index]?.Sid ?? "");
}
