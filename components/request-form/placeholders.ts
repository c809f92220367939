import { z } from "zod";
import type { Refusal } from "#lib/model/refusal.ts";
import { type GrantProposal, grantProposalSchema } from "#lib/model/submission.ts";
import { clusterRefSchema, type Workload } from "#lib/model/workload.ts";
import type { PartialSubmission } from "./submission.ts";

/** What the preview takes: shapes only, so that a half-filled form passes. */
export const partialSubmissionSchema = z.strictObject({
  cluster: clusterRefSchema,
  namespace: z.string().max(63),
  serviceAccount: z.string().max(253),
  grants: z.array(grantProposalSchema.nullable()).max(10),
});

export interface CompletedSubmission {
  workload: Workload;
  grants: (GrantProposal | null)[];
  reason: string;
}

/** Stand-ins for empty names, so that the path and the plan show before everything is typed. */
export function completed({
  cluster,
  namespace,
  serviceAccount,
  grants,
}: PartialSubmission): CompletedSubmission {
  return {
    workload: {
      cluster,
      namespace: namespace || "your-namespace",
      serviceAccount: serviceAccount || "your-service-account",
    },
    grants,
    reason: "Preview of a request that is being written",
  };
}

/** The labels of the fields that stand-ins stand for. */
export function placeholdersOf({ namespace, serviceAccount }: PartialSubmission): string[] {
  return [...(namespace ? [] : ["namespace"]), ...(serviceAccount ? [] : ["service account"])];
}

/** Refusals of what is typed; that a target is not chosen yet is no news to its author. */
export function tellingRefusals(refusals: readonly Refusal[]): Refusal[] {
  return refusals.filter(({ code, field }) => !(code.startsWith("input.") && /^grants\.\d+$/.test(field)));
}
