import { type DriftFinding, isWider } from "./drift.ts";
import type { Asker } from "./proven-access.ts";

/**
 * What is wrong with an access that is active, the gravest first: somebody gets in whom nobody approved; it allows more
 * than was approved; it is something else than was approved; the policies in AWS refuse the workload; a pod tried and
 * was refused.
 */
export const grantTroubles = ["open", "wider", "drifted", "refused", "fails"] as const;
export type GrantTrouble = (typeof grantTroubles)[number];

export interface LastLooks {
  /** Of what is in AWS beside what was approved. */
  drift: { verdict: string; findings: readonly Pick<DriftFinding, "effect">[] } | null;
  /**
   * Of the documents in AWS: who may do what they should not, whether the workload is refused, whether they differ from
   * what was approved. Null: nobody has looked.
   */
  documents: { letsIn: readonly Asker[]; refuses: boolean; differs: boolean } | null;
  /** Of a pod that tried; null: none has. */
  pod: { ok: boolean } | null;
}

/** The gravest of what the last looks have found; null: nothing. */
export function troubleOf({ drift, documents, pod }: LastLooks): GrantTrouble | null {
  const drifted = drift?.verdict === "drifted";
  const letsIn = documents?.letsIn ?? [];
  const found: Record<GrantTrouble, boolean> = {
    open: letsIn.some((who) => who !== "workload" && who !== "workload-beyond"),
    wider: letsIn.includes("workload-beyond") || (drifted && isWider(drift.findings)),
    drifted: drifted || documents?.differs === true,
    refused: documents?.refuses === true,
    fails: pod?.ok === false,
  };
  return grantTroubles.find((one) => found[one]) ?? null;
}
