import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { mergeStatements, ownStatements, withoutStatements } from "./merge.ts";
import { mergedPolicies } from "./testing/merged-policies.ts";

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
  it("what is ours joins another's document and leaves it again without a trace", () => {
    fc.assert(mergedPolicies, { numRuns: 500 });
  });
});
