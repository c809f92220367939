import { expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Statement } from "#lib/model/policy-document.ts";
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

it.each(resources)("fits into a session and ends: $kind", (resource) => {
  const document = sessionPolicy(resource, new Date("2026-01-01T00:00:20.123Z"));
  // STS: at most 2,048 characters.
  expect(JSON.stringify(document).length).toBeLessThanOrEqual(2_048);
  for (const statement of document.Statement as Statement[])
    expect(statement).toMatchObject({
      Effect: "Allow",
      Condition: { DateLessThan: { "aws:CurrentTime": "2026-01-01T00:01:20Z" } },
    });
});
