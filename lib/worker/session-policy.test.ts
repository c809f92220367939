import { expect, it } from "vitest";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import { listOf, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import type { MutatingVerb } from "#lib/plan/plan.ts";
import { sessionPolicy } from "./session-policy.ts";

const accountId = "111122223333";
const common = { accountId, region: "ap-southeast-1", dependsOn: [], owners: [] };
const roleName = "r".repeat(64);
const roleArn = `arn:aws-us-gov:iam::${accountId}:role/drawbridge/${"i".repeat(20)}/${roleName}`;
const trust = { Statement: [] };

/** The longest names that AWS allows. */
const resources: CloudResource[] = [
  {
    ...common,
    kind: "oidc-provider",
    key: `arn:aws-us-gov:iam::${accountId}:oidc-provider/oidc.eks.ap-southeast-1.amazonaws.com/id/${"F".repeat(64)}`,
    body: { issuer: "", clientIds: [], tags: {} },
  },
  {
    ...common,
    kind: "role",
    key: roleArn,
    body: {
      name: roleName,
      path: "/",
      description: "",
      trust,
      boundaryArn: "",
      maxSessionDuration: 3600,
      tags: {},
    },
  },
  {
    ...common,
    kind: "role-policy",
    key: `${roleArn}#policy/${"p".repeat(128)}`,
    body: { roleName, policyName: "p", document: trust },
  },
  ...["s3", "sqs", "another"].map(
    (service): CloudResource => ({
      ...common,
      kind: "resource-policy-statements",
      key: "statements",
      body: {
        service,
        resourceArn: `arn:aws-us-gov:${service}:ap-southeast-1:${accountId}:${"t".repeat(80)}`,
        statements: [],
      },
    }),
  ),
  {
    ...common,
    kind: "pod-identity-association",
    key: "association",
    body: {
      clusterName: "c".repeat(100),
      namespace: "n",
      serviceAccount: "s",
      roleArn,
      targetRoleArn: null,
      tags: {},
    },
  },
];

const verbs: MutatingVerb[] = ["create", "update", "delete"];
const leaseEnds = new Date("2026-01-01T00:00:20.123Z");

function statements(resource: CloudResource, verb: MutatingVerb): Statement[] {
  return statementsOf(sessionPolicy(resource, verb, leaseEnds));
}

/** Without the service's prefix. */
function actions(kind: ResourceKind, verb: MutatingVerb): string[] {
  const resource = resources.find((one) => one.kind === kind);
  if (!resource) throw new Error(`no ${kind}`);
  return statements(resource, verb).flatMap(({ Action }) =>
    listOf(Action).map((name) => name.split(":")[1] ?? ""),
  );
}

it.each(resources.flatMap((resource) => verbs.map((verb) => ({ kind: resource.kind, verb, resource }))))(
  "fits into a session and ends: $verb $kind",
  ({ resource, verb }) => {
    // STS: at most 2,048 characters.
    const document = sessionPolicy(resource, verb, leaseEnds);
    expect(JSON.stringify(document).length).toBeLessThanOrEqual(2_048);
    for (const statement of statements(resource, verb))
      expect(statement).toMatchObject({
        Effect: "Allow",
        Condition: { DateLessThan: { "aws:CurrentTime": "2026-01-01T00:01:20Z" } },
      });
  },
);

const others: { kind: ResourceKind; verb: MutatingVerb; never: RegExp }[] = [
  { kind: "oidc-provider", verb: "create", never: /^(AddClientID|Untag|Delete|ListRoles)/ },
  { kind: "oidc-provider", verb: "update", never: /^(Create|Delete|ListRoles)/ },
  { kind: "oidc-provider", verb: "delete", never: /^(Create|AddClientID|Tag|Untag)/ },
  { kind: "role", verb: "create", never: /^(Put|Update|Delete|Detach|Remove|Untag)/ },
  { kind: "role", verb: "update", never: /^(PutRolePolicy|CreateRole|DeleteRole|RemoveRole.*)$/ },
  { kind: "role", verb: "delete", never: /^(Create|Update|Untag)/ },
  { kind: "role-policy", verb: "create", never: /^Delete/ },
  { kind: "role-policy", verb: "update", never: /^Delete/ },
  {
    kind: "role-policy",
    verb: "delete",
    never: /^(?!(GetRole|GetRolePolicy|PutRolePermissionsBoundary|DeleteRolePolicy)$)/,
  },
  { kind: "resource-policy-statements", verb: "create", never: /^Delete/ },
  { kind: "resource-policy-statements", verb: "update", never: /^Delete/ },
  { kind: "pod-identity-association", verb: "create", never: /^(Update|Delete|Untag)/ },
  { kind: "pod-identity-association", verb: "update", never: /^(Create|Delete)/ },
  { kind: "pod-identity-association", verb: "delete", never: /^(Create|Update|Tag|Untag|PassRole)/ },
];

it.each(others)("names nothing that another verb takes: $verb $kind", ({ kind, verb, never }) => {
  expect(actions(kind, verb).filter((name) => never.test(name))).toEqual([]);
});
