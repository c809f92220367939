import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import type { MutatingVerb } from "#lib/plan/plan.ts";

/** Added to the lease, in milliseconds: for the call that is on its way, and for what is not known of AWS's clock. */
export const lastsBeyondLeaseMs = 60_000;

type Allowed = Pick<Statement, "Action" | "Resource">;

/** IAM authorises a role that is not there by its bare name, outside any path, and a name is taken under any path. */
function anyPath(roleArn: string): string[] {
  const [account = "", role = ""] = roleArn.split(":role/");
  const name = role.split("/").at(-1) ?? "";
  return [`${account}:role/${name}`, `${account}:role/*/${name}`];
}

/** How a policy is read and written, by service; a service without a row gets its ARN alone. */
const policyActions: Record<string, Record<MutatingVerb, string[]>> = {
  s3: {
    create: ["s3:GetBucketPolicy", "s3:PutBucketPolicy"],
    update: ["s3:GetBucketPolicy", "s3:PutBucketPolicy"],
    delete: ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
  },
  sqs: {
    create: ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
    update: ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
    delete: ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
  },
};

const providerActions: Record<MutatingVerb, string[]> = {
  create: ["iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"],
  update: [
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:TagOpenIDConnectProvider",
    "iam:UntagOpenIDConnectProvider",
  ],
  delete: ["iam:DeleteOpenIDConnectProvider"],
};

const roleActions: Record<MutatingVerb, string[]> = {
  create: ["iam:CreateRole", "iam:TagRole"],
  update: [
    "iam:UpdateRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePermissionsBoundary",
    // The Deny of a retirement that did not come to its end, and what others attached.
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
  ],
  delete: [
    "iam:PutRolePermissionsBoundary",
    // The Deny that cuts off a retiring role's sessions, and the tag that says so.
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:ListInstanceProfilesForRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:DeleteRole",
  ],
};

const rolePolicyActions: Record<MutatingVerb, string[]> = {
  create: ["iam:PutRolePolicy"],
  // A repair reads it once more before it writes.
  update: ["iam:GetRolePolicy", "iam:PutRolePolicy"],
  // The provisioner's own policy says which boundary: the account's, and no other.
  delete: ["iam:GetRolePolicy", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePolicy"],
};

const associationActions: Record<MutatingVerb, string[]> = {
  create: ["eks:TagResource"],
  update: ["eks:UpdatePodIdentityAssociation", "eks:TagResource", "eks:UntagResource"],
  delete: ["eks:DeletePodIdentityAssociation"],
};

/** Kind → what a step on such a resource may call, and on what: what the controller's verb calls, and nothing else. */
const allowed: { [K in ResourceKind]: (resource: CloudResource<K>, verb: MutatingVerb) => Allowed[] } = {
  "oidc-provider": ({ key }, verb) => [
    { Action: ["iam:GetOpenIDConnectProvider", ...providerActions[verb]], Resource: key },
    // Which roles still trust it; the list can't be limited.
    ...(verb === "delete" ? [{ Action: "iam:ListRoles", Resource: "*" }] : []),
  ],
  role: ({ key }, verb) => [
    { Action: "iam:GetRole", Resource: anyPath(key) },
    {
      Action: ["iam:ListRolePolicies", "iam:ListAttachedRolePolicies", ...roleActions[verb]],
      Resource: key,
    },
    ...(verb === "delete" ? [{ Action: "iam:RemoveRoleFromInstanceProfile", Resource: "*" }] : []),
  ],
  "role-policy": ({ key }, verb) => {
    const [roleArn = key] = key.split("#");
    return [
      { Action: "iam:GetRole", Resource: anyPath(roleArn) },
      { Action: rolePolicyActions[verb], Resource: roleArn },
    ];
  },
  "resource-policy-statements": ({ body }, verb) => [
    { Action: policyActions[body.service]?.[verb] ?? [`${body.service}:*`], Resource: body.resourceArn },
  ],
  "pod-identity-association": ({ body, accountId, region }, verb) => {
    const [, partition] = body.roleArn.split(":");
    const eks = `arn:${partition}:eks:${region}:${accountId}`;
    return [
      {
        Action: [
          "eks:ListPodIdentityAssociations",
          ...(verb === "create" ? ["eks:CreatePodIdentityAssociation"] : []),
        ],
        Resource: `${eks}:cluster/${body.clusterName}`,
      },
      {
        Action: ["eks:DescribePodIdentityAssociation", ...associationActions[verb]],
        Resource: `${eks}:podidentityassociation/${body.clusterName}/*`,
      },
      // EKS looks whether the role is there and may be passed.
      ...(verb === "delete" ? [] : [{ Action: ["iam:GetRole", "iam:PassRole"], Resource: body.roleArn }]),
    ];
  },
};

/**
 * The session policy of one step: what this verb calls, on this resource, until shortly after the lease. It limits
 * action and ARN, never content, and a lost worker's session dies by itself.
 *
 * @param leaseEnds by AWS's clock, which judges it
 */
export function sessionPolicy(resource: CloudResource, verb: MutatingVerb, leaseEnds: Date): PolicyDocument {
  const rows: { [K in ResourceKind]: (resource: CloudResource<K>, verb: MutatingVerb) => Allowed[] } =
    allowed;
  const of = rows[resource.kind] as (resource: CloudResource, verb: MutatingVerb) => Allowed[];
  const end = new Date(leaseEnds.getTime() + lastsBeyondLeaseMs).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    Version: "2012-10-17",
    Statement: of(resource, verb).map((row) => ({
      Effect: "Allow",
      ...row,
      Condition: { DateLessThan: { "aws:CurrentTime": end } },
    })),
  };
}
