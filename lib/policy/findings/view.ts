import { isRecord } from "../conditions.ts";
import { foldCase } from "../glob.ts";
import { type ParsedOperator, parseOperator } from "../operators.ts";
import type { Path } from "./finding.ts";

/** A text with its place. */
export interface Item {
  text: string;
  path: Path;
}

/** One principal; `type` is empty for the lone `*`. */
export interface PrincipalItem extends Item {
  type: string;
}

/** One condition key under one operator. */
export interface ConditionView {
  operator: string;
  /** null: IAM has no such operator */
  parsed: ParsedOperator | null;
  key: string;
  /** the key in lower case: keys are compared without case */
  folded: string;
  values: Item[];
  path: Path;
}

/** A statement's parts as lists. What has the wrong shape is missing here; the grammar's rules report it. */
export interface StatementView {
  index: number;
  path: Path;
  fields: Record<string, unknown>;
  sid?: string;
  effect: "Allow" | "Deny" | null;
  /** `Action` or `NotAction`, whichever is there */
  actionElement: "Action" | "NotAction";
  actions: Item[];
  resourceElement: "Resource" | "NotResource";
  resources: Item[];
  principalElement: "Principal" | "NotPrincipal";
  principals: PrincipalItem[];
  conditions: ConditionView[];
}

/** The statements of a document, whatever shape it has. */
export function viewStatements(document: unknown): StatementView[] {
  if (!isRecord(document)) return [];
  const { Statement: value } = document;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((statement, index) =>
    isRecord(statement)
      ? [viewStatement(statement, index, Array.isArray(value) ? ["Statement", index] : ["Statement"])]
      : [],
  );
}

function viewStatement(fields: Record<string, unknown>, index: number, path: Path): StatementView {
  const { Sid: sid, Effect: effect } = fields;
  const either = <T extends string>(plain: T, negated: T) =>
    fields[plain] === undefined && fields[negated] !== undefined ? negated : plain;
  const actionElement = either<"Action" | "NotAction">("Action", "NotAction");
  const resourceElement = either<"Resource" | "NotResource">("Resource", "NotResource");
  const principalElement = either<"Principal" | "NotPrincipal">("Principal", "NotPrincipal");
  return {
    index,
    path,
    fields,
    ...(typeof sid === "string" ? { sid } : {}),
    effect: effect === "Allow" || effect === "Deny" ? effect : null,
    actionElement,
    actions: itemsOf(fields[actionElement], [...path, actionElement]),
    resourceElement,
    resources: itemsOf(fields[resourceElement], [...path, resourceElement]),
    principalElement,
    principals: principalsOf(fields[principalElement], [...path, principalElement]),
    conditions: conditionsOf(fields.Condition, [...path, "Condition"]),
  };
}

/** The texts of a value that is one or a list; numbers and booleans as texts. */
function itemsOf(value: unknown, path: Path): Item[] {
  const scalar = (item: unknown) => ["string", "number", "boolean"].includes(typeof item);
  if (!Array.isArray(value)) return scalar(value) ? [{ text: String(value), path }] : [];
  return value.flatMap((item: unknown, at) =>
    scalar(item) ? [{ text: String(item), path: [...path, at] }] : [],
  );
}

function principalsOf(value: unknown, path: Path): PrincipalItem[] {
  if (typeof value === "string") return [{ type: "", text: value, path }];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([type, one]) =>
    itemsOf(one, [...path, type]).map((item) => ({ type, ...item })),
  );
}

function conditionsOf(block: unknown, path: Path): ConditionView[] {
  if (!isRecord(block)) return [];
  return Object.entries(block).flatMap(([operator, keys]) => {
    const parsed = parseOperator(operator);
    return isRecord(keys)
      ? Object.entries(keys).map(([key, value]) => ({
          operator,
          parsed,
          key,
          folded: foldCase(key),
          values: itemsOf(value, [...path, operator, key]),
          path: [...path, operator, key],
        }))
      : [];
  });
}

/** Whether the principals are everybody: `*`, or `*` of AWS, which means the same in an Allow. */
export function namesEveryone(statement: StatementView): boolean {
  return statement.principals.some(({ type, text }) => text === "*" && (type === "" || type === "AWS"));
}
