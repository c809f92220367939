import { z } from "zod";

/** Who was asked about: the workload itself, and everybody who is nearly it. */
export const askers = [
  "workload",
  "other-service-account",
  "other-namespace",
  "other-cluster",
  "anonymous",
] as const;

export const askerWords: Record<(typeof askers)[number], string> = {
  workload: "The workload",
  "other-service-account": "Another service account of the namespace",
  "other-namespace": "The same service account name in another namespace",
  "other-cluster": "The same service account on another cluster",
  anonymous: "Anybody without credentials",
};

/** One answer of the evaluator about the documents as AWS has them. */
export const provenRowSchema = z.object({
  who: z.enum(askers),
  /** `s3:GetObject` … */
  actions: z.array(z.string()),
  resource: z.string(),
  outcome: z.enum(["allowed", "refused"]),
  /** It is what was approved. */
  ok: z.boolean(),
  /** What is not as it should be, in words; empty when it is. */
  reason: z.string(),
});

export type ProvenRow = z.infer<typeof provenRowSchema>;

/** The part of a verification's report that says who gets in. Absent where nothing was evaluated. */
export const provenReportSchema = z.object({ evaluated: z.array(provenRowSchema) });
