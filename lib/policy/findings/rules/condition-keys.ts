import { hasWildcard } from "../../glob.ts";
import type { ConditionKeyMetadata, PolicyMetadata } from "../../metadata/metadata.ts";
import { type CheckContext, type CheckedStatement, needsKey, several } from "../context.ts";
import { isEverything } from "../resolve-actions.ts";
import type { ConditionView } from "../view.ts";

/** Keys that AWS keeps for old policies only. Source: IAM Access Analyzer's check of the same name. */
const deprecated = new Map([["aws:arn", "aws:PrincipalArn or aws:SourceArn"]]);

/** Whether the keys are ones that AWS fills in, for these actions, and with operators for them. */
export function checkConditionKeys(context: CheckContext): void {
  for (const statement of context.statements) {
    for (const condition of statement.conditions) {
      if (condition.parsed === null || !/^[^:]+:./.test(condition.key)) continue;
      const known = lookUp(condition, statement, context);
      if (known === null) continue;
      checkType(condition, known, context);
      checkQualifier(condition, known, statement, context);
      checkTag(condition, statement, context);
    }
    if (statement.effect === "Allow") checkAllow(statement, context);
  }
}

/** The key's metadata; a claim of an identity provider is a text with one value. */
export function keyMetadata(
  key: string,
  statement: Pick<CheckedStatement, "resolved">,
  metadata: PolicyMetadata,
): ConditionKeyMetadata | "claim" | null {
  const global = metadata.globalKey(key);
  if (global !== null) return global;
  const prefix = key.split(":")[0] ?? "";
  const own = metadata.service(prefix)?.key(key);
  if (own) return own;
  for (const actions of statement.resolved) {
    for (const { service } of actions ?? []) {
      const found = service.key(key);
      if (found) return found;
    }
  }
  const claim = metadata.service("sts")?.key(key);
  if (claim) return claim;
  return /[./]/.test(prefix) ? "claim" : null;
}

function lookUp(
  condition: ConditionView,
  statement: CheckedStatement,
  context: CheckContext,
): ConditionKeyMetadata | null {
  const { metadata, report } = context;
  const { key, folded, path } = condition;
  const replacement = deprecated.get(folded);
  if (replacement !== undefined) {
    report("condition.deprecated-key", path, `${key} was replaced by ${replacement}.`, "key");
    return null;
  }
  const known = keyMetadata(key, statement, metadata);
  if (known === "claim") return { key, type: "String", many: folded.endsWith(":amr") };
  if (known !== null) {
    checkOfActions(condition, known, statement, context);
    // The ways in which somebody signed in are several, whichever provider says so.
    return folded.endsWith(":amr") ? { ...known, many: true } : known;
  }
  if (keyMetadata(`${key}/x`, statement, metadata) !== null) {
    report("condition.missing-tag-key", path, `${key} needs the tag's name: ${key}/team.`, "key");
  } else if (folded.startsWith("aws:")) {
    report("condition.unknown-global-key", path, `There is no global key ${key}.`, "key");
  } else {
    report("condition.unknown-service-key", path, `No service has the key ${key}.`, "key");
  }
  return null;
}

/** Of the actions that are named, some has to carry the key. Global keys come with all, more or less. */
function checkOfActions(
  condition: ConditionView,
  known: ConditionKeyMetadata,
  statement: CheckedStatement,
  { kind, report }: CheckContext,
): void {
  const { key, folded, path } = condition;
  if (folded.startsWith("aws:") || statement.actionElement === "NotAction") return;
  // Roles carry some keys of services from where they were assumed, whatever they do then.
  if (
    /^(ec2:(sourceinstancearn|roledelivery)|(lambda:sourcefunctionarn|ssm:sourceinstancearn)|glue:|identitystore:)/.test(
      folded,
    )
  ) {
    return;
  }
  if (
    statement.resolved.length === 0 ||
    statement.resolved.some((actions) => !actions || actions.length === 0)
  )
    return;
  const lacking = statement.resolved.map(
    (actions) => !actions?.some(({ action }) => action.keys.includes(known.key)),
  );
  if (!lacking.includes(false)) {
    report("condition.not-of-action", path, `None of the actions has the key ${key}.`, "key");
    return;
  }
  // The others are never allowed, if the condition needs the key; a trust policy's have findings of their own.
  if (kind === "trust" || statement.effect !== "Allow" || !needsKey(condition)) return;
  const named = statement.actions.filter(({ text }, at) => lacking[at] && !hasWildcard(text));
  if (named.length > 0) {
    const names = several(named.map(({ text }) => text));
    report("condition.not-of-action", path, `Requests of ${names} don't have the key ${key}.`, "key");
  }
}

/** Whether the services of the actions tell the tags of what is asked for. */
function checkTag(
  { key, folded, path }: ConditionView,
  { actionElement, actions, resolved, effect }: CheckedStatement,
  { report }: CheckContext,
): void {
  if (!folded.startsWith("aws:resourcetag/")) return;
  if (actionElement === "NotAction" || actions.some(({ text }) => isEverything(text))) {
    if (effect !== "Deny") return;
    const detail = `Among the services that are meant are some whose requests don't have ${key}.`;
    report("condition.unsupported-tag", path, detail, "key");
    return;
  }
  const services = resolved.flatMap((actions) => actions?.map(({ service }) => service) ?? []);
  const names = services.filter(({ tagged }) => !tagged).map(({ prefix }) => prefix);
  if (names.length === 0) return;
  const detail = `Requests to ${several(names)} don't have ${key}.`;
  if (effect === "Deny") report("condition.unsupported-tag", path, detail, "key");
  else if (names.length === services.length) report("condition.not-of-action", path, detail, "key");
}

/** Operators by the types of keys that they compare as those are. */
const operatorsOf: Record<ConditionKeyMetadata["type"], RegExp> = {
  String: /^(String|Binary)/,
  // Exact texts and patterns work on ARNs too, as AWS's own examples use them.
  ARN: /^(String|Arn)/,
  Bool: /^Bool/,
  Numeric: /^Numeric/,
  Date: /^(Date|Numeric)/,
  IPAddress: /^(Not)?IpAddress/,
};

function checkType(
  { parsed, key, path }: ConditionView,
  known: ConditionKeyMetadata,
  context: CheckContext,
): void {
  if (!parsed?.operator || operatorsOf[known.type].test(parsed.name)) return;
  const detail = `${key} is of the type ${known.type}, and ${parsed.name} compares another one.`;
  context.report("condition.type-mismatch", path, detail, "key");
}

function checkQualifier(
  { parsed, key, folded, operator, path }: ConditionView,
  known: ConditionKeyMetadata,
  statement: CheckedStatement,
  { report }: CheckContext,
): void {
  if (!parsed?.operator) return;
  if (known.many && parsed.quantifier === null) {
    report(
      "condition.qualifier-missing",
      path,
      `${key} can hold several values; ${operator} is for one.`,
      "key",
    );
    return;
  }
  if (!known.many && parsed.quantifier === "ForAnyValue") {
    report("condition.for-any-value-of-one", path, `${key} never has more than one value.`, "key");
  }
  if (parsed.quantifier !== "ForAllValues" || statement.effect !== "Allow") return;
  if (!known.many) {
    const detail = `${key} has one value or is absent, and ${operator} lets requests without it in.`;
    report("condition.for-all-values-of-one", path, detail, "key");
  } else if (!isPresent(folded, statement)) {
    const detail = `Requests without ${key} meet ${operator}.`;
    report("condition.for-all-values-of-none", path, detail, "key");
  }
}

/** Whether another condition sees to it that the key is there; a demanded tag brings aws:TagKeys along. */
function isPresent(folded: string, { conditions }: CheckedStatement): boolean {
  if (requiredByNull(folded, conditions)) return true;
  const needed = conditions.filter(needsKey);
  return needed.some(
    (one) => one.folded === folded || (folded === "aws:tagkeys" && one.folded.startsWith("aws:requesttag/")),
  );
}

function requiredByNull(folded: string, conditions: readonly ConditionView[]): boolean {
  return conditions.some(
    (one) =>
      one.parsed?.name === "Null" &&
      one.folded === folded &&
      one.values.every(({ text }) => text === "false"),
  );
}

/** Conditions of an Allow that are met by a request that lacks the key. */
function checkAllow(statement: CheckedStatement, { report }: CheckContext): void {
  for (const { parsed, key, folded, operator, path } of statement.conditions) {
    if (!parsed?.operator || requiredByNull(folded, statement.conditions)) continue;
    if (parsed.ifExists) {
      report("condition.if-exists-allow", path, `Requests without ${key} meet ${operator}.`, "key");
    } else if (parsed.operator.negated) {
      report(
        "condition.negated-allow",
        path,
        `Every other value of ${key} meets ${operator}, and none does too.`,
        "key",
      );
    }
  }
}
