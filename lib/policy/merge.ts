import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sidPrefixOfKey } from "#lib/model/resource-key.ts";

/**
 * Puts our statements into a policy that others also write. A statement with one of our Sids is replaced where it
 * stands, new ones go to the end in the order given; every other statement stays as it is and where it is, and so
 * do `Id` and `Version`. A policy that does not exist yet is made with Version 2012-10-17.
 *
 * The inputs are not changed. A document whose single statement is an object keeps that form as long as nothing
 * of ours joins it.
 *
 * @throws TypeError if one of ours has no Sid, or two have the same: it could not be found again.
 */
export function mergeStatements(existing: PolicyDocument | undefined, ours: Statement[]): PolicyDocument {
  const bySid = new Map<string, Statement>();
  for (const statement of ours) {
    if (statement.Sid === undefined || statement.Sid === "")
      throw new TypeError("A statement of ours has no Sid");
    if (bySid.has(statement.Sid)) throw new TypeError(`Two statements of ours have the Sid ${statement.Sid}`);
    bySid.set(statement.Sid, statement);
  }
  if (existing === undefined) return { Version: "2012-10-17", Statement: [...ours] };
  if (ours.length === 0) return existing;

  const merged: Statement[] = [];
  const placed = new Set<string>();
  for (const statement of statementsOf(existing)) {
    const mine = statement.Sid === undefined ? undefined : bySid.get(statement.Sid);
    if (mine === undefined) {
      merged.push(statement);
    } else if (!placed.has(mine.Sid ?? "")) {
      merged.push(mine);
      placed.add(mine.Sid ?? "");
    }
  }
  merged.push(...ours.filter((statement) => !placed.has(statement.Sid ?? "")));
  return { ...existing, Statement: merged };
}

/**
 * The policy without the statements of these Sids, the others untouched; undefined when none is left, which means
 * that the policy is to be deleted (AWS stores no policy without statements).
 */
export function withoutStatements(
  existing: PolicyDocument | undefined,
  sids: Iterable<string>,
): PolicyDocument | undefined {
  if (existing === undefined) return undefined;
  const gone = new Set(sids);
  const statements = statementsOf(existing);
  const kept = statements.filter((statement) => statement.Sid === undefined || !gone.has(statement.Sid));
  if (kept.length === 0) return undefined;
  return kept.length === statements.length ? existing : { ...existing, Statement: kept };
}

/** The statements with these Sids, in the order of the document. */
export function ownStatements(existing: PolicyDocument | undefined, sids: Iterable<string>): Statement[] {
  if (existing === undefined) return [];
  const own = new Set(sids);
  return statementsOf(existing).filter((statement) => statement.Sid !== undefined && own.has(statement.Sid));
}

/**
 * The statements in a policy that a key of ours stands for: by the prefix of their Sids, as the controller finds
 * them, so that those of an older form of the grant are seen too.
 */
export function statementsOfKey(
  document: PolicyDocument | undefined,
  key: string,
): (Statement & { Sid: string })[] {
  const prefix = sidPrefixOfKey(key);
  if (!document || !prefix) return [];
  return statementsOf(document).flatMap((statement) =>
    statement.Sid?.startsWith(prefix) ? [{ ...statement, Sid: statement.Sid }] : [],
  );
}
