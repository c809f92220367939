import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";

/** Added to the lease, in milliseconds, for clocks that differ and for the call that is on its way. */
const skewMs = 60_000;

type Allowed = Pick<Statement, "Action" | "Resource">;

/** IAM authorises a role that is not there by its bare name, outside any path, and a name is taken under any path. */
function anyPath(roleArn: string): string[] {
  const [account = "", role = ""] = roleArn.split(":role/");
  const name = role.split("/").at(-1) ?? "";
  return [`${account}:role/${name}`, `${account}:role/*/${name}`];
}

/** How the policies of a service's resources are read and written; a service without a row gets its ARN alone. */
const policyActions: Record<string, string[]> = {
  s3: ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
  sqs: ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
};

/** Kind → what a step on such a resource may call, and on what. */
const allowed: { [K in ResourceKind]: (resource: CloudResource<K>) => Allowed[] } = {
  "oidc-provider": ({ key }) => [
    {
      Action: [
        "iam:GetOpenIDConnectProvider",
        "iam:CreateOpenIDConnectProvider",
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
        "iam:UntagOpenIDConnectProvider",
        "iam:DeleteOpenIDConnectProvider",
      ],
      Resource: key,
    },
    // Which roles still trust it; the list can't be limited.
    { Action: "iam:ListRoles", Resource: "*" },
  ],
  role: ({ key }) => [
    { Action: "iam:GetRole", Resource: anyPath(key) },
    {
      Action: [
        "iam:CreateRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:ListRolePolicies",
        // The Deny that cuts off a retiring role's sessions.
        "iam:PutRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:DetachRolePolicy",
        "iam:ListInstanceProfilesForRole",
        "iam:DeleteRole",
      ],
      Resource: key,
    },
    { Action: "iam:RemoveRoleFromInstanceProfile", Resource: "*" },
  ],
  "role-policy": ({ key }) => {
    const [roleArn = key] = key.split("#");
    return [
      { Action: "iam:GetRole", Resource: anyPath(roleArn) },
      { Action: ["iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"], Resource: roleArn },
    ];
  },
  "resource-policy-statements": ({ body }) => [
    { Action: policyActions[body.service] ?? [`${body.service}:*`], Resource: body.resourceArn },
  ],
  "pod-identity-association": ({ body, accountId, region }) => {
    const [, partition] = body.roleArn.split(":");
    const eks = `arn:${partition}:eks:${region}:${accountId}`;
    return [
      {
        Action: ["eks:CreatePodIdentityAssociation", "eks:ListPodIdentityAssociations"],
        Resource: `${eks}:cluster/${body.clusterName}`,
      },
      {
        Action: [
          "eks:DescribePodIdentityAssociation",
          "eks:UpdatePodIdentityAssociation",
          "eks:DeletePodIdentityAssociation",
          "eks:TagResource",
          "eks:UntagResource",
        ],
        Resource: `${eks}:podidentityassociation/${body.clusterName}/*`,
      },
      { Action: ["iam:GetRole", "iam:PassRole"], Resource: body.roleArn },
    ];
  },
};

/**
 * The session policy of one step: this kind's calls on this resource, until shortly after the lease. It limits action
 * and ARN, never content, and a lost worker's session dies by itself.
 *
 * @param leaseEnds by the database's clock
 */
export function sessionPolicy(resource: CloudResource, leaseEnds: Date): PolicyDocument {
  const rows: { [K in ResourceKind]: (resource: CloudResource<K>) => Allowed[] } = allowed;
  const of = rows[resource.kind] as (resource: CloudResource) => Allowed[];
  const end = new Date(leaseEnds.getTime() + skewMs).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    Version: "2012-10-17",
    Statement: of(resource).map((row) => ({
      Effect: "Allow",
      ...row,
      Condition: { DateLessThan: { "aws:CurrentTime": end } },
    })),
  };
}
