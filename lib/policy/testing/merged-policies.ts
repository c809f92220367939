import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sameDocument } from "../canonical.ts";
import { mergeStatements, ownStatements, withoutStatements } from "../merge.ts";

const sids = ["ours1", "ours2", "ours3"];
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("*", "s3:*", "", ["$", "{aws:username}"].join("")),
);
const oneOrMany = <T>(item: fc.Arbitrary<T>) => fc.oneof(item, fc.array(item, { maxLength: 3 }));

/** Of others: in forms that we would not choose, with texts that nobody should. */
const theirs = fc.record(
  {
    Sid: fc.oneof(
      fc.constantFrom("x", "y", "OURS1", "ours1 ", ""),
      text.filter((sid) => !sids.includes(sid)),
    ),
    Effect: fc.constantFrom<"Allow" | "Deny">("Allow", "Deny"),
    Principal: fc.oneof(fc.constant("*"), fc.dictionary(fc.constantFrom("AWS", "Service"), oneOrMany(text))),
    NotPrincipal: fc.dictionary(fc.constantFrom("AWS"), oneOrMany(text)),
    Action: oneOrMany(text),
    NotAction: oneOrMany(text),
    Resource: oneOrMany(text),
    Condition: fc.dictionary(
      fc.constantFrom("StringLike", "Null", "ForAllValues:StringEquals"),
      fc.dictionary(text, oneOrMany(text), { maxKeys: 2 }),
      { maxKeys: 2 },
    ),
  },
  { requiredKeys: ["Effect"], noNullPrototype: true },
);

const documents = fc
  .record(
    {
      Version: fc.constantFrom("2012-10-17", "2008-10-17"),
      Id: text,
      Statement: fc.oneof(theirs, fc.array(theirs, { minLength: 1, maxLength: 5 })),
    },
    { requiredKeys: ["Statement"], noNullPrototype: true },
  )
  // As AWS would hand it out.
  .map((document): PolicyDocument => JSON.parse(JSON.stringify(document)));

const ours = fc.record({
  Effect: fc.constant<"Allow">("Allow"),
  Principal: fc.constant({ AWS: "arn:aws:iam::111122223333:role/src" }),
  Action: fc.constantFrom("s3:GetObject", "s3:PutObject"),
  Resource: fc.constantFrom("arn:aws:s3:::b/*", "arn:aws:s3:::b"),
});
const added = fc
  .uniqueArray(fc.constantFrom(...sids), { maxLength: 3 })
  .chain((wanted) => fc.tuple(...wanted.map((Sid) => ours.map((rest): Statement => ({ Sid, ...rest })))));

/**
 * What is ours joins another's document and leaves it again without a trace: their statements stay as they were, in
 * their order and form, ours are found again, a second merge changes nothing, and JSON takes nothing away. A broken
 * promise is an AssertionError.
 */
export const mergedPolicies = fc.property(documents, added, added, (existing, mine, later) => {
  const before = structuredClone(existing);
  const once = mergeStatements(existing, mine);
  deepStrictEqual(existing, before, "the input changed");
  deepStrictEqual(theirsOf(once), statementsOf(existing));
  deepStrictEqual(ownStatements(once, sids), mine);
  deepStrictEqual(mergeStatements(once, mine), once);
  const read: PolicyDocument = JSON.parse(JSON.stringify(once));
  deepStrictEqual(read, once);
  ok(sameDocument(read, once, { statementOrder: "matters" }));

  // Changed as AWS hands it out, then taken away.
  const changed = mergeStatements(read, later);
  deepStrictEqual(theirsOf(changed), statementsOf(existing));
  const back = withoutStatements(changed, sids);
  ok(back && sameDocument(back, existing, { statementOrder: "matters" }), "a trace is left");
});

function theirsOf(document: PolicyDocument): Statement[] {
  return statementsOf(document).filter(({ Sid = "" }) => !sids.includes(Sid));
}
