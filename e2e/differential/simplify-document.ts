import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { without, withoutField } from "./reduce.ts";

/** The document with a statement, a condition or a value less, or with something plainer in the place of another. */
export function* simplerDocuments(document: PolicyDocument): Iterable<PolicyDocument> {
  const statements = statementsOf(document);
  if (statements.length > 1) {
    for (const Statement of without(statements)) yield { ...document, Statement };
  }
  if (document.Version !== "2012-10-17") yield { ...document, Version: "2012-10-17" };
  for (const [at, statement] of statements.entries()) {
    for (const simpler of simplerStatements(statement)) {
      yield { ...document, Statement: statements.with(at, simpler) };
    }
  }
}

/** What a plain statement has; nothing that says so is made plainer. */
const PLAIN = { Principal: "*", Action: "*", Resource: "*" } as const;

function* simplerStatements(statement: Statement): Iterable<Statement> {
  const fields = statement as unknown as Record<string, unknown>;
  yield* simplerConditions(statement);
  for (const [element, plain] of Object.entries(PLAIN)) {
    const { [element]: value, [`Not${element}`]: not, ...rest } = fields;
    if (not !== undefined || (value !== undefined && value !== plain)) {
      yield { ...rest, [element]: plain } as unknown as Statement;
    }
    const negated = not !== undefined;
    const given = negated ? not : value;
    if (Array.isArray(given) && given.length > 1) {
      for (const one of given)
        yield { ...rest, [negated ? `Not${element}` : element]: one } as unknown as Statement;
    }
  }
}

function* simplerConditions(statement: Statement): Iterable<Statement> {
  const { Condition: condition, ...bare } = statement;
  if (condition === undefined) return;
  yield bare;
  for (const [operator, keys] of Object.entries(condition)) {
    const { [operator]: _, ...others } = condition;
    if (Object.keys(others).length > 0) yield { ...statement, Condition: others };
    if (Object.keys(keys).length > 1) {
      for (const fewer of withoutField(keys))
        yield { ...statement, Condition: { ...condition, [operator]: fewer } };
    }
    for (const [key, value] of Object.entries(keys)) {
      for (const one of listOf(value).length > 1 ? listOf(value) : []) {
        yield { ...statement, Condition: { ...condition, [operator]: { ...keys, [key]: one } } } as Statement;
      }
    }
    for (const part of [/IfExists$/, /^For(Any|All)Values?:/]) {
      const plainer = operator.replace(part, "");
      if (plainer !== operator && !(plainer in condition)) {
        yield { ...statement, Condition: { ...others, [plainer]: keys } };
      }
    }
  }
}
