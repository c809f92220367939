import { z } from "zod";

/** What a pod that tried its access reports: the verification Job in a cluster, or the pod played in the sandbox. */
const text = z.string().max(2_000);

export const podCheckSchema = z.strictObject({
  /** `s3:GetObject` */
  operation: text,
  resource: text,
  outcome: z.enum(["allowed", "denied", "error"]),
  detail: text,
});

export const impostors = ["other-service-account", "other-namespace", "other-cluster"] as const;

export const podReportSchema = z.strictObject({
  source: z.enum(["cluster-job", "sandbox-pod"]),
  /** The ARN that sts:GetCallerIdentity gave the pod. */
  identity: text.nullable(),
  checks: z.array(podCheckSchema).min(1).max(50),
  /** Who else tried, when someone did; each must be denied. */
  impostors: z
    .array(
      z.strictObject({
        who: z.enum(impostors),
        outcome: z.enum(["allowed", "denied", "error"]),
        detail: text,
      }),
    )
    .max(10)
    .default([]),
});

export type PodReport = z.infer<typeof podReportSchema>;

/** Everything that had to work did, and everyone who had to be refused was. */
export function reportIsGood(report: PodReport): boolean {
  return (
    report.checks.every((check) => check.outcome === "allowed") &&
    report.impostors.every((impostor) => impostor.outcome === "denied")
  );
}
