import { z } from "zod";
import { canonicalJson } from "./digest.ts";

/**
 * What a grant of the level `custom` lets a pod do, statement by statement. Resource, principal and effect are never
 * asked for: they follow from the target. A statement's conditions all have to hold.
 *
 * Conditions are a list and not an object as IAM writes them: parsing an object drops keys without a word (`__proto__`,
 * the first of two equal ones), and here a condition that is lost widens the access.
 */
const conditionSchema = z.strictObject({
  /** As IAM spells it, e.g. `IpAddress`. */
  operator: z.string().max(64),
  /** e.g. `aws:SourceIp` */
  key: z.string().max(192),
  /** One of them has to fit. */
  values: z.array(z.string().max(512)).max(20, "At most 20 values a condition."),
});

export type CustomCondition = z.infer<typeof conditionSchema>;

const customStatementSchema = z.strictObject({
  /** In full, e.g. `s3:GetObject`. */
  actions: z.array(z.string().max(128)).max(40, "At most 40 actions a statement."),
  conditions: z.array(conditionSchema).max(8, "At most 8 conditions a statement."),
});

export type CustomStatement = z.infer<typeof customStatementSchema>;

/** Shapes only: whether each action and condition may be asked for is for `admit` to say. */
export const customPermissionsSchema = z
  .array(customStatementSchema)
  .max(4, "At most 4 statements a target.");

export type CustomPermissions = z.infer<typeof customPermissionsSchema>;

/** What a pod may do with a target: a level, and of a custom one what it consists of. */
interface Access {
  level: string;
  custom?: CustomPermissions | undefined;
}

export function sameAccess(a: Access, b: Access): boolean {
  return a.level === b.level && canonicalJson(a.custom ?? []) === canonicalJson(b.custom ?? []);
}

/** Every action once, in the order of the statements. */
export function customActions(custom: CustomPermissions = []): string[] {
  return [...new Set(custom.flatMap(({ actions }) => actions))];
}
