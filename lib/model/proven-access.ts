import { z } from "zod";

/** Who is asked about: the workload itself, everybody who is nearly it, and people. */
export const askers = [
  "workload",
  "workload-beyond",
  "other-service-account",
  "other-namespace",
  "other-cluster",
  "somebody-else",
  "others-in-parts",
  "person-of-cluster",
  "person-of-target",
  "admin-of-cluster",
  "admin-of-target",
  "anonymous",
] as const;

export type Asker = (typeof askers)[number];

export const askerWords: Record<Asker, string> = {
  workload: "The workload",
  "workload-beyond": "The workload, beyond what was asked",
  "other-service-account": "Another service account of the namespace",
  "other-namespace": "The same service account name in another namespace",
  "other-cluster": "The same service account on another cluster",
  "somebody-else": "Somebody else, whom a trust policy lets in",
  "others-in-parts": "Others, in a part that the target's own policy opens",
  "person-of-cluster": "A person of the cluster's account, without rights of their own",
  "person-of-target": "A person of the target's account, without rights of their own",
  "admin-of-cluster": "An administrator of the cluster's account",
  "admin-of-target": "An administrator of the target's account",
  anonymous: "Anybody without credentials",
};

/** Of rows that no access of ours makes. */
export const byOthersNote = "By statements of others, with or without this access.";

/** What a row does not show by itself. */
export const askerNotes: Partial<Record<Asker, string>> = {
  workload: "Whoever may create pods or tokens in the namespace acts as it.",
  "others-in-parts": byOthersNote,
  "admin-of-cluster": "Directly; whoever rules the account or the cluster can become the workload.",
  "admin-of-target": "Administrators reach what is in their account, with or without this access.",
};

/** One decision on the way to the answer. */
const provenStepSchema = z.object({
  action: z.string(),
  /** The role or the target, as an ARN. */
  resource: z.string(),
  effect: z.enum(["allow", "explicit-deny", "implicit-deny", "unknown"]),
  /** In words, with the statement, the element and the value that did not fit. */
  reason: z.string(),
});

/** What a permission says of some of the actions: on what, and only if what. */
const provenTermSchema = z.object({
  actions: z.array(z.string()),
  /** ARNs, perhaps with wildcards. */
  on: z.array(z.string()),
  /** Conditions in words. */
  onlyIf: z.array(z.string()),
});

export type ProvenTerm = z.infer<typeof provenTermSchema>;

/** One answer of the evaluator, about documents as AWS has them or as they are planned. */
export const provenRowSchema = z.object({
  who: z.enum(askers),
  /** Of somebody else: who they are, by the trust policy. */
  named: z.array(z.string()).optional(),
  /** `s3:GetObject` … */
  actions: z.array(z.string()),
  resource: z.string(),
  /** `unknown`: what nobody here knows decides; `dependsOn` says what. */
  outcome: z.enum(["allowed", "refused", "unknown"]),
  /** Nothing is certain that was not approved. */
  ok: z.boolean(),
  /** What is not as it should be, in words; empty when it is. */
  reason: z.string(),
  /**
   * What others wrote lets them in, and nothing of ours does: no run made it, and none can mend it. Of the workload
   * itself: the policy of the key behind the target lets it do more than was asked for.
   */
  byOthers: z.literal(true).optional(),
  /** Beside what AWS has today; null where the two were not compared. */
  change: z.enum(["new", "unchanged", "ends"]).nullable().default(null),
  /** Condition keys, and policies that were not read. */
  dependsOn: z.array(z.string()).default([]),
  /** Of what the workload is allowed: how its own permissions limit it. */
  terms: z.array(provenTermSchema).optional(),
  /** How the answer comes about, for the first of the actions. */
  steps: z.array(provenStepSchema).default([]),
});

export type ProvenRow = z.infer<typeof provenRowSchema>;

/** What the policy of the key behind the target lets the workload do: told, and nothing that a run could mend. */
export function isOpenKey({ who, byOthers }: Pick<ProvenRow, "who" | "byOthers">): boolean {
  return who === "workload-beyond" && byOthers === true;
}

/** The part of a verification's report that says who gets in. Absent where nothing was evaluated. */
export const provenReportSchema = z.object({ evaluated: z.array(provenRowSchema) });
