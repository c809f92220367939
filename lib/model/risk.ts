import { z } from "zod";

/** From harmless to what nobody should approve lightly. */
export const riskLevels = ["low", "medium", "high", "critical"] as const;
export type RiskLevel = (typeof riskLevels)[number];

/** How risky a version of a request is to approve, as it is stored with it: the rows of the table that apply, worst first. */
export const riskSchema = z.object({
  level: z.enum(riskLevels),
  reasons: z.array(z.object({ id: z.string(), level: z.enum(riskLevels), reason: z.string() })),
});

export type Risk = z.infer<typeof riskSchema>;
