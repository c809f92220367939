import { describe, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { desiredResources } from "../desired-resources.ts";
import { documentsOf } from "../testing/documents.ts";
import { everyPattern } from "../testing/every-pattern.ts";
import { estate } from "../testing/organisation.ts";
import { proveAccess } from "./prove-access.ts";

/** What holds for one object of a bucket need not hold for all: statements of others may open a part of it. */

const now = "2026-11-01T00:00:00Z";
const irsa = everyPattern.find(({ name }) => name.startsWith("irsa from prod"))?.asked as Grant;
const bucket = irsa.target.arn;

const publicPart = (part: string, more: Partial<Statement> = {}): Statement => ({
  Sid: "PublicPart",
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: `${bucket}/${part}`,
  ...more,
});

function rowsOf(grant: Grant, now_: readonly Statement[], today?: readonly Statement[]) {
  const desired = desiredResources([grant], estate());
  const documents = (statements: readonly Statement[]) => {
    const all = documentsOf(desired);
    const Statement = [...statements];
    return { ...all, policies: new Map([[grant.target.arn, { Version: "2012-10-17" as const, Statement }]]) };
  };
  const before = today && { documents: documents(today), desired };
  return proveAccess(grant, desired, documents(now_), now, before ?? null);
}

function partRows(...given: Parameters<typeof rowsOf>) {
  return rowsOf(...given).filter(({ who }) => who === "others-in-parts");
}

describe("a part of the target that others have opened", () => {
  it("has a row that says which part and for whom", () => {
    const rows = partRows(irsa, [publicPart("published/*")]);
    expect(rows).toMatchObject([
      {
        outcome: "allowed",
        ok: true,
        actions: ["s3:GetObject on published/*"],
        named: expect.arrayContaining(["anybody without credentials"]),
      },
    ]);
    expect(rows[0]?.steps.at(-1)).toMatchObject({ resource: `${bucket}/published/example` });
  });

  it("is nothing of this access where it was open before, and not as it should be where it becomes so", () => {
    const opened = [publicPart("published/*")];
    expect(partRows(irsa, opened, opened)).toMatchObject([{ change: "unchanged", ok: true }]);
    expect(partRows(irsa, opened, [])).toMatchObject([{ change: "new", ok: false }]);
  });

  it.each<[string, Statement[], Partial<Grant>?]>([
    ["a part of another bucket", [publicPart("x", { Resource: "arn:aws:s3:::other/published/*" })]],
    ["another action", [publicPart("published/*", { Action: "s3:DeleteObject" })]],
    [
      "a condition that keeps them out",
      [publicPart("published/*", { Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } })],
    ],
    ["a Deny over it", [publicPart("published/*"), publicPart("*", { Effect: "Deny" })]],
    ["a part beside the prefix of the grant", [publicPart("published/*")], { subResource: "exports" }],
    ["all of it, which has rows of its own", [publicPart("*")]],
  ])("has none for %s", (_, statements, more = {}) => {
    expect(partRows({ ...irsa, ...more }, statements)).toEqual([]);
  });
});

describe("a condition that no request meets", () => {
  const from = (value: string): Grant => ({
    ...irsa,
    level: "custom",
    custom: [
      {
        actions: ["s3:GetObject"],
        conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: [value] }],
      },
    ],
  });
  const workload = (grant: Grant) => {
    const desired = desiredResources([grant], estate());
    return proveAccess(grant, desired, documentsOf(desired), now).filter(({ who }) => who === "workload");
  };

  it("is not taken for met: aws:SourceIp is never a private address", () => {
    expect(workload(from("10.0.0.0/8"))).toMatchObject([{ outcome: "unknown", dependsOn: ["aws:SourceIp"] }]);
    expect(workload(from("203.0.113.0/24"))).toMatchObject([{ outcome: "allowed" }]);
  });
});
