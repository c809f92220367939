import { z } from "zod";

/**
 * What a run rests on, re-checked before every call. Runs that create or widen access need an approved version with
 * its digest; runs that only narrow it (revocation, expiry) carry who asked, or that the end date came. A repair makes again what was
 * approved: it carries both.
 */
export const runAuthorisationSchema = z.discriminatedUnion("basis", [
  z.strictObject({
    basis: z.literal("approval"),
    requestId: z.string(),
    version: z.number().int().positive(),
    digest: z.string().length(64),
    /**
     * Of a change or its roll back: the approved requests, the latest first, whose form of the grants may be what is
     * there. Absent: the grants are new.
     */
    from: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({ basis: z.literal("revocation"), personId: z.string(), reason: z.string() }),
  z.strictObject({ basis: z.literal("expiry") }),
  z.strictObject({
    basis: z.literal("repair"),
    personId: z.string(),
    requestId: z.string(),
    version: z.number().int().positive(),
    digest: z.string().length(64),
    /**
     * The accounts for which the person may say that what somebody took away there is given back: those of the grant
     * that they owned as they asked, or both for an admin.
     */
    speaksFor: z.array(z.string()).default([]),
  }),
]);

export type RunAuthorisation = z.infer<typeof runAuthorisationSchema>;

export const runKinds = ["provision", "revoke", "repair"] as const;
export type RunKind = (typeof runKinds)[number];

/** A failure in plain words. */
export const failureSchema = z.object({
  cause: z.string(),
  nextStep: z.string(),
  code: z.string().optional(),
  /** AWS's own words. */
  message: z.string().optional(),
});

export type Failure = z.infer<typeof failureSchema>;

/** A result of the worker's live checks before approval. */
export const preflightFindingSchema = z.object({
  id: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  accountId: z.string(),
  key: z.string().optional(),
  title: z.string(),
  detail: z.string(),
  nextStep: z.string(),
  /** What the next step speaks of, to be taken over as it is: e.g. a statement for a policy. */
  snippet: z.object({ title: z.string(), json: z.string() }).optional(),
});

export type PreflightFinding = z.infer<typeof preflightFindingSchema>;
