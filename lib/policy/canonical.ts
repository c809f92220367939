import {
  type ConditionBlock,
  listOf,
  type PolicyDocument,
  type Principal,
  type Statement,
  statementsOf,
} from "#lib/model/policy-document.ts";
import { textsOf } from "./conditions.ts";
import { foldCase } from "./glob.ts";
import { parseOperator, spellingOf } from "./operators.ts";
import { accountPrincipal, principalEntries } from "./principals.ts";

/**
 * A document in one normal form: statements as an array, every value a sorted list without repeats, `"*"` as
 * `{ AWS: ["*"] }`, a bare account id as its `:root` ARN, numbers and booleans as text. The order of statements,
 * the case of condition keys, `Id` and `Version` stay.
 *
 * A bare account id has no partition; `partition` is the one to write its ARN with.
 */
export function canonicalDocument(document: PolicyDocument, partition = "aws"): PolicyDocument {
  const { Version, Id } = document;
  return {
    ...(Version === undefined ? {} : { Version }),
    ...(Id === undefined ? {} : { Id }),
    Statement: statementsOf(document).map((statement) => canonicalStatement(statement, partition)),
  };
}

/** One statement in the normal form of `canonicalDocument`. */
export function canonicalStatement(statement: Statement, partition = "aws"): Statement {
  const { Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } =
    statement;
  return {
    ...(Sid === undefined ? {} : { Sid }),
    Effect,
    ...(Principal === undefined ? {} : { Principal: canonicalPrincipal(Principal, partition) }),
    ...(NotPrincipal === undefined ? {} : { NotPrincipal: canonicalPrincipal(NotPrincipal, partition) }),
    ...(Action === undefined ? {} : { Action: sorted(listOf(Action)) }),
    ...(NotAction === undefined ? {} : { NotAction: sorted(listOf(NotAction)) }),
    ...(Resource === undefined ? {} : { Resource: sorted(listOf(Resource)) }),
    ...(NotResource === undefined ? {} : { NotResource: sorted(listOf(NotResource)) }),
    ...(Condition === undefined ? {} : { Condition: canonicalConditions(Condition) }),
  };
}

/**
 * Whether two documents mean the same to IAM: values as sets, names of actions, operators and condition keys
 * without case, an absent Version as 2008-10-17. Whether the order of statements counts is for the caller to say:
 * it changes no decision, but a foreign policy should keep its order.
 */
export function sameDocument(
  left: PolicyDocument,
  right: PolicyDocument,
  options: { statementOrder: "matters" | "ignored" },
): boolean {
  const key = (document: PolicyDocument) => {
    const statements = statementsOf(document).map(fingerprint);
    return JSON.stringify([
      document.Version ?? "2008-10-17",
      document.Id ?? null,
      options.statementOrder === "matters" ? statements : statements.sort(),
    ]);
  };
  return key(left) === key(right);
}

/** Whether two statements mean the same to IAM and bear the same Sid. */
export function sameStatement(left: Statement, right: Statement): boolean {
  return fingerprint(left) === fingerprint(right);
}

const KNOWN = new Set<string>([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Equal for statements that mean the same. */
function fingerprint(statement: Statement): string {
  const plain = canonicalStatement(statement);
  const fold = (list: string[] | undefined) => (list === undefined ? null : sorted(list.map(foldCase)));
  return JSON.stringify([
    plain.Sid ?? null,
    plain.Effect,
    principalKey(statement.Principal),
    principalKey(statement.NotPrincipal),
    fold(plain.Action === undefined ? undefined : listOf(plain.Action)),
    fold(plain.NotAction === undefined ? undefined : listOf(plain.NotAction)),
    plain.Resource ?? null,
    plain.NotResource ?? null,
    conditionKeys(plain.Condition),
    // An element that this code doesn't know must not make two different statements equal.
    Object.entries(statement)
      .filter(([name]) => !KNOWN.has(name))
      .sort(([left], [right]) => compare(left, right)),
  ]);
}

/**
 * Principals for comparison. A bare account id has no partition and a document never spans two, so an account is
 * compared by its number.
 */
function principalKey(principal: Principal | undefined): string[] | null {
  if (principal === undefined) return null;
  const entries = principalEntries(principal);
  if (entries === null) return [JSON.stringify(principal)];
  return sorted(
    entries.map(([kind, value]) => {
      const account = kind === "AWS" ? accountPrincipal(value) : null;
      return account === null ? `${kind} ${value}` : `account ${account.accountId}`;
    }),
  );
}

/** A list, not a map: two keys that differ in case only are two conditions, and both have to hold. */
function conditionKeys(block: ConditionBlock | undefined): string[] | null {
  if (block === undefined || Object.keys(block).length === 0) return null;
  return Object.entries(block)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) =>
        JSON.stringify([foldCase(operator), foldCase(key), values]),
      ),
    )
    .sort();
}

function canonicalPrincipal(principal: Principal, partition: string): Principal {
  const entries = principalEntries(principal);
  if (entries === null) return principal;
  const kinds = sorted(entries.map(([kind]) => kind));
  const written = (kind: string, value: string) =>
    kind === "AWS" && /^\d{12}$/.test(value) ? `arn:${partition}:iam::${value}:root` : value;
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      sorted(entries.filter(([other]) => other === kind).map(([, value]) => written(kind, value))),
    ]),
  );
}

function canonicalConditions(block: ConditionBlock): ConditionBlock {
  const byName = <T>(entries: [string, T][]) => entries.sort(([left], [right]) => compare(left, right));
  return Object.fromEntries(
    byName(Object.entries(block)).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        byName(Object.entries(keys)).map(([key, value]) => [
          key,
          // The case of a truth value means nothing.
          sorted(
            (textsOf(value) ?? [JSON.stringify(value)]).map((text) =>
              takesTruth(operator) ? foldCase(text) : text,
            ),
          ),
        ]),
      ),
    ]),
  );
}

function takesTruth(operator: string): boolean {
  const parsed = parseOperator(operator);
  return parsed !== null && /^(?:For\w+:)?(?:Bool|Null)/.test(spellingOf(parsed));
}

function sorted(values: string[]): string[] {
  return [...new Set(values)].sort(compare);
}

/** By code unit: the same on every machine, whatever its locale. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
