import { z } from "zod";
import { accessLevels } from "#lib/model/grant.ts";
import { customValuesSchema } from "./custom/custom-values.ts";
import type { FormValues } from "./values.ts";

/** What is kept in the tab's storage while a request is being written. */
export interface Draft {
  values: FormValues;
  /** Kept with the draft: a submission whose answer was lost is not made twice. */
  idempotencyKey: string;
}

const draftSchema = z.object({
  idempotencyKey: z.uuid(),
  values: z.object({
    cluster: z.string(),
    namespace: z.string(),
    serviceAccount: z.string(),
    grants: z
      .array(
        z.object({
          text: z.string(),
          accountId: z.string(),
          level: z.enum(accessLevels),
          custom: customValuesSchema,
          subResource: z.string(),
          until: z.string(),
          untilDate: z.string(),
          untilAsked: z.string(),
          pattern: z.string(),
        }),
      )
      .min(1)
      .max(10),
    reason: z.string(),
  }),
}) satisfies z.ZodType<Draft>;

/** Null when there is none, or one of an older form. */
export function readDraft(key: string): Draft | null {
  try {
    const parsed = draftSchema.safeParse(JSON.parse(sessionStorage.getItem(key) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function writeDraft(key: string, draft: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Without storage there is no draft; the form works all the same.
  }
}

export function clearDraft(key: string): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}
