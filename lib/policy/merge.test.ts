import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sameDocument } from "./canonical.ts";
import { mergeStatements, ownStatements, withoutStatements } from "./merge.ts";

const ours = (sid: string, action = "s3:GetObject"): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::111122223333:role/src" },
  Action: action,
  Resource: "arn:aws:s3:::b/*",
});
const foreign: Statement = { Effect: "Deny", Principal: "*", Action: ["s3:*"], Resource: "*" };

describe("mergeStatements", () => {
  it("makes a new document", () => {
    expect(mergeStatements(undefined, [ours("A")])).toEqual({
      Version: "2012-10-17",
      Statement: [ours("A")],
    });
  });
  it("keeps Id, Version, place and form of the rest", () => {
    const existing: PolicyDocument = {
      Version: "2008-10-17",
      Id: "kept",
      Statement: [foreign, ours("A"), { ...foreign, Sid: "theirs" }],
    };
    expect(mergeStatements(existing, [ours("B"), ours("A", "s3:PutObject")])).toEqual({
      Version: "2008-10-17",
      Id: "kept",
      Statement: [foreign, ours("A", "s3:PutObject"), { ...foreign, Sid: "theirs" }, ours("B")],
    });
  });
  it("leaves a single-object statement alone when nothing of ours joins", () => {
    const existing: PolicyDocument = { Statement: foreign };
    expect(mergeStatements(existing, [])).toEqual({ Statement: foreign });
    expect(withoutStatements(existing, ["A"])).toEqual({ Statement: foreign });
    expect(mergeStatements(existing, [ours("A")])).toEqual({ Statement: [foreign, ours("A")] });
  });
  it("adds no Version to a document without one: its other statements could come to mean something else", () => {
    expect(mergeStatements({ Statement: [foreign] }, [ours("A")]).Version).toBeUndefined();
  });
  it("leaves one statement where ours stood twice", () => {
    const existing: PolicyDocument = { Statement: [ours("A"), foreign, ours("A")] };
    expect(mergeStatements(existing, [ours("A")]).Statement).toEqual([ours("A"), foreign]);
  });
  it("refuses statements that it could not find again", () => {
    expect(() => mergeStatements(undefined, [foreign])).toThrow(TypeError);
    expect(() => mergeStatements(undefined, [ours("A"), ours("A")])).toThrow(TypeError);
  });
  it("changes no input", () => {
    const existing: PolicyDocument = { Statement: [foreign] };
    const before = structuredClone(existing);
    mergeStatements(existing, [ours("A")]);
    expect(existing).toEqual(before);
  });
});

describe("withoutStatements", () => {
  it("is undefined when none is left", () => {
    expect(withoutStatements({ Statement: ours("A") }, ["A"])).toBeUndefined();
    expect(withoutStatements(undefined, ["A"])).toBeUndefined();
  });
  it("finds ours in order", () => {
    const existing: PolicyDocument = { Statement: [ours("B"), foreign, ours("A")] };
    expect(ownStatements(existing, ["A", "B"])).toEqual([ours("B"), ours("A")]);
    expect(ownStatements(undefined, ["A"])).toEqual([]);
  });
});

describe("properties", () => {
  const sid = fc.constantFrom("ours1", "ours2", "ours3");
  const theirs = fc.record(
    {
      Sid: fc.constantFrom("x", "y", "OURS1", ""),
      Effect: fc.constantFrom<"Allow" | "Deny">("Allow", "Deny"),
      Principal: fc.constantFrom<NonNullable<Statement["Principal"]>>("*", { AWS: "111122223333" }),
      Action: fc.oneof(fc.constant("s3:*"), fc.constant(["s3:GetObject", "s3:PutObject"])),
      Resource: fc.constantFrom("*", "arn:aws:s3:::b"),
    },
    { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
  );
  const documents = fc.record(
    {
      Version: fc.constantFrom<"2012-10-17" | "2008-10-17">("2012-10-17", "2008-10-17"),
      Id: fc.constant("id"),
      Statement: fc.oneof(theirs, fc.array(theirs, { minLength: 1, maxLength: 4 })),
    },
    { requiredKeys: ["Statement"] },
  );
  const added = fc.uniqueArray(sid, { maxLength: 3 }).map((sids) => sids.map((one) => ours(one)));
  const sids = ["ours1", "ours2", "ours3"];

  it("removing what was merged gives back the document", () => {
    fc.assert(
      fc.property(documents, added, (existing, mine) => {
        const back = withoutStatements(mergeStatements(existing as PolicyDocument, mine), sids);
        expect(back && sameDocument(back, existing as PolicyDocument, { statementOrder: "matters" })).toBe(
          true,
        );
      }),
    );
  });
  it("merging keeps foreign statements identical and in order, twice merging changes nothing", () => {
    fc.assert(
      fc.property(documents, added, (existing, mine) => {
        const once = mergeStatements(existing as PolicyDocument, mine);
        expect(statementsOf(once).filter((one) => !sids.includes(one.Sid ?? ""))).toEqual(
          statementsOf(existing as PolicyDocument),
        );
        expect(ownStatements(once, sids)).toEqual(mine);
        expect(mergeStatements(once, mine)).toEqual(once);
      }),
    );
  });
});
