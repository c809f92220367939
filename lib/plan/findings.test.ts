import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { estate, grant, home, homeBucketArn } from "#lib/desired/testing/organisation.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { layOut } from "#lib/policy/layout.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import { checkedCount, planFindings, stepsAsRead } from "./findings.ts";
import type { PlanStep } from "./plan.ts";

const options = { metadata: awsMetadata, now: new Date("2026-11-22T10:00:00Z") };
const role = desiredResources([grant({ target: { arn: homeBucketArn, accountId: home } })], estate()).find(
  (one): one is CloudResource<"role"> => one.kind === "role",
);
if (!role) throw new TypeError("The grant has no role");

const anybody = {
  Version: "2012-10-17" as const,
  Statement: [{ Effect: "Allow" as const, Principal: "*" as const, Action: "sts:AssumeRole" }],
};
const wide: CloudResource<"role"> = { ...role, body: { ...role.body, trust: anybody } };

function stepOf(resource: CloudResource, verb: PlanStep["verb"], observed?: Observed): PlanStep {
  const step = { key: resource.key, verb, resource, dependsOn: [], differences: [] };
  return observed ? { ...step, observed } : step;
}

function origins(...steps: PlanStep[]) {
  return planFindings(steps, options)
    .filter(({ id }) => id === "principal.everyone")
    .map(({ origin }) => origin);
}

describe("what is wrong with the documents of a plan", () => {
  it("is new where the step brings it", () => {
    expect(origins(stepOf(wide, "create"))).toEqual(["new"]);
    expect(origins(stepOf(wide, "update", { state: "present", ours: true, body: role.body }))).toEqual([
      "new",
    ]);
  });

  it("stood already where the document has it today", () => {
    expect(origins(stepOf(wide, "update", { state: "present", ours: true, body: wide.body }))).toEqual([
      "standing",
    ]);
  });

  it("is not looked for in what goes, and not in what others made", () => {
    const observed = { state: "present", ours: true, body: wide.body } as const;
    expect(origins(stepOf(wide, "delete", observed), stepOf(wide, "use", observed))).toEqual([]);
    expect(checkedCount([stepOf(wide, "delete", observed)])).toBe(0);
  });

  it("is found in the form that was read, when that is asked for", () => {
    const read = stepsAsRead([stepOf(role, "update", { state: "present", ours: true, body: wide.body })]);
    expect(origins(...read)).toEqual(["standing"]);
    expect(stepsAsRead([stepOf(role, "create", { state: "absent" })])).toEqual([]);
  });

  it("is the statement's own in a policy that others write too", () => {
    const own = {
      Sid: "DrawbridgeOne",
      Effect: "Allow" as const,
      Principal: { AWS: "arn:aws:iam::111122223333:role/app" },
      Action: "s3:GetObject",
      Resource: `${homeBucketArn}/*`,
    };
    const theirs = { ...own, Sid: "Theirs", Principal: "*" as const };
    const resource: CloudResource = {
      kind: "resource-policy-statements",
      accountId: role.accountId,
      region: "eu-west-1",
      key: `${homeBucketArn}#statements/DrawbridgeOne`,
      body: { service: "s3", resourceArn: homeBucketArn, statements: [own] },
      dependsOn: [],
      owners: [],
    };
    const surrounding = { Version: "2012-10-17" as const, Statement: [theirs] };
    expect(origins(stepOf(resource, "create", { state: "absent", surrounding }))).toEqual(["foreign"]);
    const opened = {
      ...resource,
      body: { ...resource.body, statements: [{ ...own, Principal: "*" as const }] },
    };
    expect(origins(stepOf(opened, "create", { state: "absent" }))).toEqual(["new"]);
  });
});

describe("a document as people read it", () => {
  it("shows no difference between two ways of writing the same", () => {
    const one = { Statement: [{ Action: "a:B", Sid: "S", Effect: "Allow" }], Version: "2012-10-17" };
    const other = { Version: "2012-10-17", Statement: [{ Sid: "S", Effect: "Allow", Action: "a:B" }] };
    expect(layOut(one)).toBe(layOut(other));
    expect(JSON.parse(layOut(one))).toEqual(one);
  });

  it("keeps every value and the order of lists", () => {
    const odd = { Statement: { Action: ["b:B", "a:A"], Unknown: 1 }, zzz: null };
    expect(JSON.parse(layOut(odd))).toEqual(odd);
  });
});
