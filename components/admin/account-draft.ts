import type { z } from "zod";
import { type Account, accountSchema } from "#lib/model/account.ts";
import type { Partition } from "#lib/model/arn.ts";
import type { Refusal } from "#lib/model/refusal.ts";

/** The names that the onboarding template gives them. */
const provisionerName = "drawbridge-provisioner";
const boundaryName = "drawbridge-boundary";

/** What the form holds: text, as typed. */
export type AccountDraft = Omit<Account, "regions" | "externalId" | "environment" | "partition"> & {
  environment: Account["environment"];
  partition: Partition;
  regions: string;
};

export const emptyDraft: AccountDraft = {
  id: "",
  name: "",
  partition: "aws",
  environment: "production",
  ownerGroup: "",
  regions: "",
  provisionerRoleArn: "",
  boundaryArn: "",
};

export type FieldErrors = Partial<Record<keyof AccountDraft, string>>;

const schema = accountSchema.omit({ externalId: true });

/** The ARNs follow from the account as long as nobody has written others. */
export function withDefaultArns(draft: AccountDraft): AccountDraft {
  const arn = (rest: string) => `arn:${draft.partition}:iam::${draft.id || "ACCOUNT"}:${rest}`;
  return {
    ...draft,
    provisionerRoleArn: draft.provisionerRoleArn || arn(`role/${provisionerName}`),
    boundaryArn: draft.boundaryArn || arn(`policy/${boundaryName}`),
  };
}

export type ReadDraft = { ok: true; value: z.output<typeof schema> } | { ok: false; errors: FieldErrors };

/** The same schema that the use case reads it with. */
export function readDraft(draft: AccountDraft): ReadDraft {
  const regions = draft.regions.split(/[\s,]+/).filter(Boolean);
  const parsed = schema.safeParse({ ...withDefaultArns(draft), regions });
  if (parsed.success) return { ok: true, value: parsed.data };
  const errors = errorsOf(parsed.error.issues.map(({ path, message }) => [String(path[0]), message]));
  // ARNs that only follow from a wrong account id are mended with it.
  if (errors.id && !draft.provisionerRoleArn) delete errors.provisionerRoleArn;
  if (errors.id && !draft.boundaryArn) delete errors.boundaryArn;
  return { ok: false, errors };
}

export function errorsOfRefusals(refusals: readonly Refusal[]): FieldErrors {
  return errorsOf(
    refusals.map(({ field, reason, nextStep }) => [field.split(".")[0] ?? "", `${reason} ${nextStep}`]),
  );
}

/** Those that belong to no field of the form. */
export function otherRefusals(refusals: readonly Refusal[]): Refusal[] {
  return refusals.filter(({ field }) => !isField(field.split(".")[0] ?? ""));
}

/** The first for each field. */
function errorsOf(problems: [field: string, message: string][]): FieldErrors {
  const errors: FieldErrors = {};
  for (const [field, message] of problems) if (isField(field)) errors[field] ??= message;
  return errors;
}

function isField(text: string): text is keyof AccountDraft {
  return text in emptyDraft;
}
