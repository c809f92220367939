import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { away, bucketArn, estate, grant, identity, workload } from "#lib/desired/testing/organisation.ts";
import type { CloudResource, ObservedState, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { statementsOfKey } from "#lib/policy/merge.ts";
import { documentsOf } from "./documents.ts";
import { makePlan } from "./plan.ts";
import { observedFromSnapshot, policySnapshotKey } from "./snapshot.ts";

const id = "aaaaaaaaaaaa";
const foreign: Statement = {
  Sid: "Theirs",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: bucketArn,
  Condition: { Bool: { "aws:SecureTransport": false } },
};
const bare: Statement = {
  Effect: "Allow",
  Principal: { AWS: "444455556666" },
  Action: "s3:GetObject",
  Resource: `${bucketArn}/*`,
};
const sibling: Statement = { ...bare, Sid: "Drawbridgebbbbbbbbbbbb0" };
const theirs: PolicyDocument = { Version: "2008-10-17", Id: "p", Statement: [foreign, bare, sibling] };

const desired = (level: "read" | "write" = "read") => desiredResources([grant({ level })], estate());

function find<K extends ResourceKind>(resources: CloudResource[], kind: K): CloudResource<K> {
  const found = resources.find((one) => one.kind === kind) as CloudResource<K> | undefined;
  if (!found) throw new Error(`no ${kind}`);
  return found;
}

function snapshotOf(document: PolicyDocument): ObservedState {
  const body = { service: "s3", resourceArn: bucketArn, statements: [] };
  return { [policySnapshotKey(bucketArn)]: { state: "present", ours: false, body, surrounding: document } };
}

function policyChange(before: CloudResource[], after: CloudResource[], policy: PolicyDocument | null) {
  const observed = observedFromSnapshot([...before, ...after], policy ? snapshotOf(policy) : {});
  const { steps } = makePlan({ before, after, grantIds: [id], observed });
  const step = steps.find(({ resource }) => resource.kind === "resource-policy-statements");
  if (!step) throw new Error("no step");
  const [change] = documentsOf(step);
  return { verb: step.verb, before: change?.before, after: change?.after };
}

describe("a policy that others also write", () => {
  const read = find(desired(), "resource-policy-statements").body.statements;
  const write = find(desired("write"), "resource-policy-statements").body.statements;

  it("is made when there is none, and goes with our last statement", () => {
    expect(policyChange([], desired(), null)).toEqual({
      verb: "create",
      before: null,
      after: { Version: "2012-10-17", Statement: read },
    });
    const ours: PolicyDocument = { Version: "2012-10-17", Statement: read };
    expect(policyChange(desired(), [], ours)).toEqual({ verb: "delete", before: ours, after: null });
  });

  it("keeps every other statement, in order and form, when ours come and go", () => {
    const joined = { ...theirs, Statement: [foreign, bare, sibling, ...read] };
    expect(policyChange([], desired(), theirs)).toEqual({ verb: "create", before: theirs, after: joined });
    expect(policyChange(desired(), [], joined)).toEqual({ verb: "delete", before: joined, after: theirs });
    expect(policyChange(desired(), desired(), joined)).toMatchObject({ verb: "keep", after: joined });
  });

  it("loses what the grant had and has no more: reading has two statements, writing one", () => {
    const joined = {
      ...theirs,
      Statement: [read[0], foreign, ...read.slice(1), bare, sibling] as Statement[],
    };
    expect(policyChange(desired(), desired("write"), joined)).toEqual({
      verb: "update",
      before: joined,
      after: { ...theirs, Statement: [...write, foreign, bare, sibling] },
    });
    expect(policyChange(desired("write"), [], joined).after).toEqual(theirs);
  });

  it("finds ours by the whole grant id", () => {
    const key = find(desired(), "resource-policy-statements").key;
    expect(statementsOfKey({ Statement: [foreign, bare, sibling] }, key)).toEqual([]);
    expect(statementsOfKey({ Statement: read[0] ?? [] }, key)).toEqual([read[0]]);
    expect(statementsOfKey(undefined, key)).toEqual([]);
    expect(statementsOfKey({ Statement: read }, "arn:aws:iam::1:role/x")).toEqual([]);
  });
});

describe("documents of a step", () => {
  const all = desiredResources(
    [
      grant({ pattern: "oidc-federation" }),
      grant({
        id: "bbbbbbbbbbbb",
        pattern: "pod-identity",
        workload: workload({ cluster: "agents" }),
        identity: identity("pod-identity-target", away),
      }),
    ],
    estate(),
  );

  it.each<[ResourceKind, string[]]>([
    ["oidc-provider", ["OIDC provider"]],
    ["role", ["Trust policy", "Role settings"]],
    ["role-policy", ["Permissions"]],
    ["pod-identity-association", ["Pod Identity association"]],
  ])("%s: in full, from nothing and to nothing", (kind, titles) => {
    const resource = find(all, kind);
    const step = { key: resource.key, resource, dependsOn: [], differences: [] };
    const made = documentsOf({ ...step, verb: "create", observed: { state: "absent" } });
    expect(made.map(({ title }) => title)).toEqual(titles);
    for (const { before, after } of made) {
      expect(before).toBeNull();
      expect(after).not.toBeNull();
    }
    const gone = documentsOf({
      ...step,
      verb: "delete",
      observed: { state: "present", ours: true, body: resource.body },
    });
    expect(gone.map(({ before, after }) => [before, after])).toEqual(made.map(({ after }) => [after, null]));
    const kept = documentsOf({
      ...step,
      verb: "keep",
      observed: { state: "present", ours: true, body: resource.body },
    });
    for (const { before, after } of kept) expect(before).toEqual(after);
  });

  it("say the trust, boundary, tags and session length that an approver signs", () => {
    const role = find(all, "role");
    const made = documentsOf({
      key: role.key,
      verb: "create",
      resource: role,
      dependsOn: [],
      differences: [],
    });
    expect(made[0]?.after).toEqual(role.body.trust);
    expect(made[1]?.after).toEqual({
      path: role.body.path,
      description: role.body.description,
      permissionsBoundary: role.body.boundaryArn,
      maxSessionDuration: 3600,
      tags: role.body.tags,
    });
  });
});

describe("snapshot", () => {
  it("says absent of what the account did not have", () => {
    const resources = desired();
    expect(new Set(Object.values(observedFromSnapshot(resources, {})).map(({ state }) => state))).toEqual(
      new Set(["absent"]),
    );
  });

  it("gives what it has under the resource's key, and a policy for its statements", () => {
    const resources = desired();
    const role = find(resources, "role");
    const own = { state: "present", ours: true, body: role.body } as const;
    const observed = observedFromSnapshot(resources, { ...snapshotOf(theirs), [role.key]: own });
    expect(observed[role.key]).toBe(own);
    expect(observed[find(resources, "resource-policy-statements").key]).toEqual({
      state: "absent",
      surrounding: theirs,
    });
  });
});
