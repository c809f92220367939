import { z } from "zod";

/**
 * What a difference does to the access: it lets in or allows more, less, or both; it breaks nothing that was found
 * (`none`); nobody can say (`undecided`); or it could not be looked at (`unknown`), which is no drift.
 */
export const driftEffects = ["wider", "narrower", "both", "none", "undecided", "unknown"] as const;
export type DriftEffect = (typeof driftEffects)[number];

/** One difference between what is in AWS and what was approved, in plain words. */
export const driftFindingSchema = z.object({
  /** A row of the catalogue in lib/plan/drift-words.ts. */
  id: z.string(),
  accountId: z.string(),
  /** The resource's key. */
  key: z.string(),
  effect: z.enum(driftEffects),
  title: z.string(),
  /** What was approved and what is there, a sentence each; empty where the title says it all. */
  approved: z.array(z.string()),
  now: z.array(z.string()),
  /** What it means for the access. */
  means: z.string(),
  nextStep: z.string(),
  /** A repair restores what was approved. */
  repairable: z.boolean(),
  /** Of what only follows from something that is gone elsewhere: the accounts where that was taken away. */
  takenAwayIn: z.array(z.string()).optional(),
});

export type DriftFinding = z.infer<typeof driftFindingSchema>;

export type DriftVerdict = "drifted" | "unknown";

/** Null: nothing was found. What could not be read does not make a drift, nor does it end one. */
export function verdictOf(findings: readonly DriftFinding[]): DriftVerdict | null {
  if (findings.length === 0) return null;
  return findings.some(({ effect }) => effect !== "unknown") ? "drifted" : "unknown";
}

/** Whether a repair can end the drift: every difference is one that it mends. */
export function isRepairable(findings: readonly DriftFinding[]): boolean {
  const known = findings.filter(({ effect }) => effect !== "unknown");
  return known.length > 0 && known.every(({ repairable }) => repairable);
}

/** Whether something is allowed by now that was not approved. */
export function isWider(findings: readonly Pick<DriftFinding, "effect">[]): boolean {
  return findings.some(({ effect }) => effect === "wider" || effect === "both");
}
