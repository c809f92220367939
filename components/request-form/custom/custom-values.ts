import { z } from "zod";
import { customProblems } from "#lib/desired/admit-custom.ts";
import { customText, readCustomText } from "#lib/desired/custom-text.ts";
import { serviceOf } from "#lib/desired/services/catalogue.ts";
import type { TargetService } from "#lib/desired/services/service.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";

/** Custom access while it is being chosen or typed. */
export const customValuesSchema = z.object({
  statements: z.array(
    z.object({
      actions: z.array(z.string()),
      /** Values as one types them, with commas between. */
      conditions: z.array(z.object({ operator: z.string(), key: z.string(), values: z.string() })),
    }),
  ),
  /** The text, while it is written as JSON: it counts then, and the statements don't. */
  json: z.string().nullable(),
});

export type CustomValues = z.infer<typeof customValuesSchema>;
export type StatementValues = CustomValues["statements"][number];
export type ConditionValues = StatementValues["conditions"][number];

export const maxStatements = 4;
export const emptyStatement: StatementValues = { actions: [], conditions: [] };
export const emptyCustom: CustomValues = { statements: [emptyStatement], json: null };

export function customValuesOf(custom: CustomPermissions | undefined): CustomValues {
  if (!custom) return emptyCustom;
  const statements = custom.map(({ actions, conditions }) => ({
    actions,
    conditions: conditions.map(({ operator, key, values }) => ({ operator, key, values: values.join(", ") })),
  }));
  return { statements, json: null };
}

/** What is chosen in the list. */
export function chosenOf({ statements }: CustomValues): CustomPermissions {
  return statements.map(({ actions, conditions }) => ({
    actions,
    conditions: conditions.map(({ operator, key, values }) => ({
      operator,
      key,
      values: values
        .split(",")
        .map((value) => value.trim())
        .filter((value) => value !== ""),
    })),
  }));
}

export function textOf(values: CustomValues): string {
  return customText(chosenOf(values));
}

/** Something that is wrong, in words; `field` as the server says it, within the target. */
export interface CustomProblem {
  code: string;
  field: string;
  reason: string;
  nextStep: string;
}

/**
 * What is asked for, as far as it can be understood, and what is wrong with it. The same rules as the server's.
 *
 * @returns null as the permissions while a text can't be read
 */
export function judgeCustom(
  values: CustomValues,
  service: TargetService,
  prefix: string,
): { custom: CustomPermissions | null; problems: CustomProblem[] } {
  const subResource = service.subResource && prefix !== "" ? prefix : null;
  if (values.json !== null) {
    const { custom, problems } = readCustomText(values.json, subResource, service);
    return { custom, problems: problems.map((one) => ({ code: "custom.text", field: "custom", ...one })) };
  }
  const custom = chosenOf(values);
  return { custom, problems: customProblems({ level: "custom", custom, subResource }, service) };
}

/** Null while it can't be read, or lists nothing yet. */
export function customOf(values: CustomValues, service: string | undefined, prefix: string) {
  const known = service === undefined ? undefined : serviceOf(service);
  const { custom } = known ? judgeCustom(values, known, prefix) : { custom: null };
  return custom?.some(({ actions }) => actions.length > 0) ? custom : null;
}
