import { z } from "zod";
import { customPermissionsSchema } from "./custom-permissions.ts";
import { accessLevels, targetSchema } from "./grant.ts";
import { workloadSchema } from "./workload.ts";

/** Free text: printable, without control characters other than line breaks (they hide content in logs and terminals). */
export function textSchema(label: string, max: number) {
  return z
    .string()
    .trim()
    .max(max, `${label} has at most ${max} characters.`)
    .regex(/^(?:[\n\r\t]|[^\p{Cc}\p{Bidi_Control}])*$/u, `${label} has control characters.`);
}

/** One target of a request, as the form sends it. */
export const grantProposalSchema = z.strictObject({
  target: targetSchema,
  level: z.enum(accessLevels, "Choose an access level."),
  /** For the level `custom`. */
  custom: customPermissionsSchema.exactOptional(),
  subResource: z.string().max(512, "At most 512 characters.").nullable(),
  /** A pattern's id or `auto`. */
  pattern: z.string().min(1).max(40),
  expiresAt: z.iso.datetime({ precision: 0, message: "Choose an end date." }).nullable(),
});

export type GrantProposal = z.infer<typeof grantProposalSchema>;

/** What the new-request form sends, whole or as it is being typed. */
export const submissionSchema = z.strictObject({
  workload: workloadSchema,
  grants: z.array(grantProposalSchema).min(1, "Choose a target.").max(10, "At most 10 targets a request."),
  reason: textSchema("The reason", 2_000).refine((text) => text.length >= 10, {
    message: "Say in a sentence why the access is needed: approvers decide by it.",
  }),
});

export type Submission = z.infer<typeof submissionSchema>;
