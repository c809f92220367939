import type { z } from "zod";
import { type Refusal, refusal } from "#lib/model/refusal.ts";

/** What a schema found, each with the path of its field. */
export function refusalsOf(error: z.ZodError): Refusal[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) =>
        refusal(
          "input.unrecognized",
          [...path, key.slice(0, 40)].join("."),
          `"${key.slice(0, 40)}" is not a field of this.`,
          "Leave it out.",
        ),
      );
    return refusal(`input.${issue.code}`, path.join("."), reasonOf(issue), "Correct it and send it again.");
  });
}

/** The schema's own words; zod's where the schema has none are put plainly. */
function reasonOf(issue: z.core.$ZodIssue): string {
  if (!issue.message.startsWith("Invalid input")) return issue.message;
  if (issue.message.endsWith("received undefined")) return "This is missing.";
  return "This has not the right form.";
}

/** One of several that say the same of the same field. */
export function distinct(refusals: readonly Refusal[]): Refusal[] {
  const byIdentity = new Map(refusals.map((one) => [`${one.code} ${one.field} ${one.reason}`, one]));
  return [...byIdentity.values()];
}
