import type { CustomCondition, CustomPermissions, CustomStatement } from "#lib/model/custom-permissions.ts";
import { listOf } from "#lib/model/policy-document.ts";
import { isRecord } from "#lib/policy/conditions.ts";
import type { Path, TextRange } from "#lib/policy/findings/finding.ts";
import { type JsonSource, readJson } from "#lib/policy/findings/json-source.ts";
import { type CustomProposal, customProblems } from "./admit-custom.ts";
import type { TargetService } from "./services/service.ts";

/** What is wrong with a text, and where. */
export interface TextProblem {
  reason: string;
  nextStep: string;
  range: TextRange;
}

/** Custom access as people write policies: `{"Statement": [{"Action": […], "Condition": {…}}]}`. */
export function customText(custom: CustomPermissions): string {
  const statements = custom.map(({ actions, conditions }) => {
    const block: Record<string, Record<string, string[]>> = {};
    for (const { operator, key, values } of conditions)
      block[operator] = { ...block[operator], [key]: values };
    return { Action: actions, ...(conditions.length > 0 ? { Condition: block } : {}) };
  });
  return JSON.stringify({ Statement: statements }, null, 2);
}

/**
 * Reads such a text. What parsing would hide (a key that stands twice, in another case too), what is Drawbridge's to
 * say, and what is none of IAM's is a problem and never dropped.
 *
 * @returns null as the permissions when anything in the text is not understood whole
 */
export function readCustomText(
  text: string,
  subResource: string | null,
  service: TargetService,
): { custom: CustomPermissions | null; problems: TextProblem[] } {
  const source = readJson(text);
  const reader = new Reader(source);
  if (source.value === null || reader.problems.length > 0) return { custom: null, problems: reader.problems };
  const custom = reader.document(source.value.json);
  if (reader.problems.length > 0) return { custom: null, problems: reader.problems };
  const asked: CustomProposal = { level: "custom", custom, subResource };
  const problems = customProblems(asked, service).map(({ field, reason, nextStep }) => ({
    reason,
    nextStep,
    range: source.rangeOf(pathOf(field, source.value?.json)),
  }));
  return { custom, problems };
}

/** A condition, and actions of the statement that it stands in. */
export interface PlacedCondition {
  operator: string;
  key: string;
  values: readonly string[];
  actions: readonly string[];
}

/** Where a text says a condition of some of the actions; nowhere where it does not, or can't be read. */
export function conditionRanges(
  text: string,
  { operator, key, values, actions }: PlacedCondition,
): TextRange[] {
  const source = readJson(text);
  const json = source.value?.json;
  if (!isRecord(json)) return [];
  const isList = Array.isArray(json.Statement);
  return listOf(json.Statement as unknown[]).flatMap((statement, at) => {
    if (!isRecord(statement) || !isRecord(statement.Condition)) return [];
    const block = statement.Condition[operator];
    const own = listOf(statement.Action as string | string[]);
    if (!isRecord(block) || !Object.hasOwn(block, key) || !own.some((one) => actions.includes(one)))
      return [];
    if (
      listOf(block[key] as unknown[])
        .map(String)
        .join("\n") !== values.join("\n")
    )
      return [];
    return [source.rangeOf(["Statement", ...(isList ? [at] : []), "Condition", operator, key], true)];
  });
}

/** `custom.1.conditions` → where that stands in the text. */
function pathOf(field: string, json: unknown): Path {
  const [, index, part] = field.split(".");
  const root = isRecord(json) && Array.isArray(json.Statement);
  return [
    "Statement",
    ...(index !== undefined && root ? [Number(index)] : []),
    ...(part ? [part === "actions" ? "Action" : "Condition"] : []),
  ];
}

const follows = "Leave it out: it follows from the target.";

/** Elements of IAM's that are not for the requester to say. */
const ours = new Map([
  ["Sid", "Leave it out: Drawbridge names its statements."],
  ["Effect", "Leave it out: access is always allowed, never denied."],
  ["Resource", follows],
  ["NotResource", follows],
  ["Principal", "Leave it out: it is the workload's own role."],
  ["NotPrincipal", "Leave it out: it is the workload's own role."],
  ["NotAction", "List what is to be allowed under Action: everything but is more than anybody can approve."],
]);

class Reader {
  readonly problems: TextProblem[];
  readonly #source: JsonSource;

  constructor(source: JsonSource) {
    this.#source = source;
    this.problems = source.problems.map(({ id, detail, path, onKey, at }) => ({
      reason: detail,
      nextStep:
        id === "json.syntax"
          ? "Correct the text where it is marked."
          : "Mend it: what JSON readers make of it differs.",
      range: at ? source.rangeAt(at) : source.rangeOf(path, onKey),
    }));
  }

  document(json: unknown): CustomPermissions {
    if (!isRecord(json)) {
      this.#problem([], "This is no object with statements.", 'Begin with {"Statement": [ … ]}.');
      return [];
    }
    for (const name of Object.keys(json))
      if (name !== "Statement")
        this.#problem([name], `"${name}" is not asked for here.`, "Only Statement is.", true);
    const { Statement: value } = json;
    if (Array.isArray(value)) return value.map((one, at) => this.#statement(one, ["Statement", at]));
    return [this.#statement(value, ["Statement"])];
  }

  #statement(json: unknown, path: Path): CustomStatement {
    const empty = { actions: [], conditions: [] };
    if (!isRecord(json)) {
      this.#problem(path, "A statement is an object.", 'Write it as {"Action": [ … ]}.');
      return empty;
    }
    for (const name of Object.keys(json).filter((one) => one !== "Action" && one !== "Condition"))
      this.#problem(
        [...path, name],
        ours.has(name) ? `${name} is not for the request to say.` : `"${name}" is no element of a statement.`,
        ours.get(name) ?? "A statement here has Action and, if it is to be limited, Condition.",
        true,
      );
    return {
      actions: this.#texts(json.Action, [...path, "Action"]),
      conditions:
        json.Condition === undefined ? [] : this.#conditions(json.Condition, [...path, "Condition"]),
    };
  }

  #conditions(json: unknown, path: Path): CustomCondition[] {
    if (!isRecord(json)) {
      this.#problem(
        path,
        "Conditions are an object.",
        'Write them as {"IpAddress": {"aws:SourceIp": [ … ]}}.',
      );
      return [];
    }
    if (Object.keys(json).length === 0)
      this.#problem(path, "There is no condition here.", "Name one, or leave Condition out.");
    return Object.entries(json).flatMap(([operator, keys]) => {
      const at = [...path, operator];
      if (isRecord(keys) && Object.keys(keys).length > 0)
        return Object.entries(keys).map(([key, values]) => ({
          operator,
          key,
          values: this.#texts(values, [...at, key]),
        }));
      this.#problem(
        at,
        "An operator has an object with at least one key.",
        'Write it as {"aws:SourceIp": [ … ]}.',
      );
      return [];
    });
  }

  /** A text or a list of texts; truth values and numbers as IAM reads them. */
  #texts(json: unknown, path: Path): string[] {
    const list: unknown[] = Array.isArray(json) ? json : json === undefined ? [] : [json];
    return list.flatMap((one, at) => {
      if (["string", "number", "boolean"].includes(typeof one)) return [String(one)];
      this.#problem(Array.isArray(json) ? [...path, at] : path, "This is no text.", "Write it in quotes.");
      return [];
    });
  }

  #problem(path: Path, reason: string, nextStep: string, onKey = false): void {
    this.problems.push({ reason, nextStep, range: this.#source.rangeOf(path, onKey) });
  }
}
