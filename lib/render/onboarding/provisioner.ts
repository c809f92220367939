import type { Account } from "#lib/model/account.ts";
import type { Partition } from "#lib/model/arn.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { rolePath, tagKeys } from "#lib/model/tags.ts";

export type ProvisionerAccount = Pick<
  Account,
  "id" | "partition" | "provisionerRoleArn" | "boundaryArn" | "regions"
>;

/** `amazonaws.com`, or `amazonaws.com.cn` in China. */
function dnsSuffix(partition: Partition): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

/** IAM's `*` crosses dots and slashes: `oidc.eks.*` would also match `oidc.eks.evil.example/id/x`. */
function eksIssuerPatterns(account: ProvisionerAccount, regions: readonly string[]): string[] {
  const { partition, id } = account;
  return regions.map(
    (region) => `arn:${partition}:iam::${id}:oidc-provider/oidc.eks.${region}.${dnsSuffix(partition)}/id/*`,
  );
}

/** Writes that IAM can tie to the boundary of the role they are made on. */
const boundaryConditioned = [
  "iam:CreateRole",
  "iam:DeleteRole",
  "iam:UpdateRole",
  "iam:UpdateAssumeRolePolicy",
  "iam:PutRolePolicy",
  "iam:DeleteRolePolicy",
  "iam:DetachRolePolicy",
  "iam:PutRolePermissionsBoundary",
];

const identityWrites = ["Add", "Attach", "Create", "Delete", "Detach", "PassRole", "Put", "Remove", "Set"]
  .concat(["Tag", "Untag", "Update", "Upload"])
  .map((verb) => (verb === "PassRole" ? "iam:PassRole" : `iam:${verb}*`));

function iamStatements(
  account: ProvisionerAccount,
  installation: string,
  issuerRegions: readonly string[],
): Statement[] {
  const iam = `arn:${account.partition}:iam::${account.id}`;
  const roles = `${iam}:role${rolePath(installation)}*`;
  const providers = eksIssuerPatterns(account, issuerRegions);
  const ours = { [`aws:ResourceTag/${tagKeys.installation}`]: installation };
  return [
    {
      Sid: "ReadAccount",
      Effect: "Allow",
      // ListRoles shows the trusts that may still name a provider; neither list can be limited to a path.
      Action: ["iam:GetAccountSummary", "iam:ListOpenIDConnectProviders", "iam:ListRoles"],
      Resource: "*",
    },
    {
      Sid: "ReadRoles",
      Effect: "Allow",
      // Names are unique over all paths: a role of somebody else with our name must be seen, not denied.
      Action: "iam:GetRole",
      Resource: `${iam}:role/*`,
    },
    {
      Sid: "ReadOurRoles",
      Effect: "Allow",
      Action: [
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
      ],
      Resource: roles,
    },
    {
      Sid: "ReadTheBoundary",
      Effect: "Allow",
      Action: ["iam:GetPolicy", "iam:GetPolicyVersion"],
      Resource: account.boundaryArn,
    },
    {
      Sid: "WriteOurRolesUnderTheBoundary",
      Effect: "Allow",
      Action: boundaryConditioned,
      Resource: roles,
      Condition: { StringEquals: { "iam:PermissionsBoundary": account.boundaryArn } },
    },
    { Sid: "TagOurRoles", Effect: "Allow", Action: ["iam:TagRole", "iam:UntagRole"], Resource: roles },
    {
      Sid: "ReleaseOurRolesFromInstanceProfiles",
      Effect: "Allow",
      Action: "iam:RemoveRoleFromInstanceProfile",
      Resource: `${iam}:instance-profile${rolePath(installation)}*`,
    },
    {
      Sid: "PassOurRolesToPodIdentity",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: roles,
      Condition: { StringEquals: { "iam:PassedToService": "pods.eks.amazonaws.com" } },
    },
    { Sid: "ReadIssuers", Effect: "Allow", Action: "iam:GetOpenIDConnectProvider", Resource: providers },
    {
      Sid: "CreateTaggedIssuers",
      Effect: "Allow",
      // Creating with tags takes both.
      Action: ["iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"],
      Resource: providers,
      Condition: {
        StringEquals: { [`aws:RequestTag/${tagKeys.installation}`]: installation },
        // One that bears an installation's tag already is not to be taken over.
        Null: { [`aws:ResourceTag/${tagKeys.installation}`]: "true" },
      },
    },
    {
      Sid: "ChangeOurIssuers",
      Effect: "Allow",
      Action: [
        "iam:AddClientIDToOpenIDConnectProvider",
        // A repeated creation then answers that it exists, and not that it is denied.
        "iam:CreateOpenIDConnectProvider",
        "iam:DeleteOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
        "iam:UntagOpenIDConnectProvider",
      ],
      Resource: providers,
      Condition: { StringEquals: ours },
    },
  ];
}

function eksStatements(account: ProvisionerAccount, installation: string): Statement[] {
  const arns = (type: string) =>
    account.regions.map((region) => `arn:${account.partition}:eks:${region}:${account.id}:${type}/*`);
  // One pattern for all Regions where the rest of the statement limits them enough: a policy has 10,240 characters.
  const anyAssociation = `arn:${account.partition}:eks:*:${account.id}:podidentityassociation/*`;
  return [
    { Sid: "ListClusters", Effect: "Allow", Action: "eks:ListClusters", Resource: "*" },
    {
      Sid: "UseClusters",
      Effect: "Allow",
      Action: [
        "eks:CreatePodIdentityAssociation",
        "eks:DescribeAddon",
        "eks:DescribeCluster",
        "eks:ListAddons",
        "eks:ListPodIdentityAssociations",
      ],
      Resource: [...arns("cluster"), ...arns("addon")],
    },
    {
      Sid: "ReadAssociations",
      Effect: "Allow",
      Action: "eks:DescribePodIdentityAssociation",
      Resource: anyAssociation,
    },
    {
      Sid: "TagNewAssociations",
      Effect: "Allow",
      // Creating with tags may take this too; one that bears an installation's tag already is not to be taken over.
      Action: "eks:TagResource",
      Resource: anyAssociation,
      Condition: {
        StringEquals: { [`aws:RequestTag/${tagKeys.installation}`]: installation },
        Null: { [`aws:ResourceTag/${tagKeys.installation}`]: "true" },
      },
    },
    {
      Sid: "ChangeOurAssociations",
      Effect: "Allow",
      Action: [
        "eks:DeletePodIdentityAssociation",
        "eks:TagResource",
        "eks:UntagResource",
        "eks:UpdatePodIdentityAssociation",
      ],
      Resource: anyAssociation,
      Condition: { StringEquals: { [`aws:ResourceTag/${tagKeys.installation}`]: installation } },
    },
  ];
}

function targetStatements(account: ProvisionerAccount): Statement[] {
  const { partition, id, regions } = account;
  return [
    { Sid: "ListBuckets", Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" },
    {
      Sid: "BucketPolicies",
      Effect: "Allow",
      // ListBucket is what HeadBucket asks for.
      Action: [
        "s3:DeleteBucketPolicy",
        "s3:GetBucketLocation",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketTagging",
        "s3:GetEncryptionConfiguration",
        "s3:ListBucket",
        "s3:PutBucketPolicy",
      ],
      Resource: `arn:${partition}:s3:::*`,
      Condition: { StringEquals: { "aws:ResourceAccount": id } },
    },
    { Sid: "ListQueues", Effect: "Allow", Action: "sqs:ListQueues", Resource: "*" },
    {
      Sid: "QueuePolicies",
      Effect: "Allow",
      Action: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags", "sqs:SetQueueAttributes"],
      Resource: regions.map((region) => `arn:${partition}:sqs:${region}:${id}:*`),
    },
    {
      Sid: "ReadKeys",
      Effect: "Allow",
      // A key's policy is read and never written.
      Action: ["kms:DescribeKey", "kms:GetKeyPolicy"],
      Resource: regions.map((region) => `arn:${partition}:kms:${region}:${id}:key/*`),
    },
  ];
}

/** Asks what AWS says of a policy; changes nothing, reads nothing of the account, and can't be limited to a resource. */
const askAccessAnalyzer: Statement = {
  Sid: "AskAccessAnalyzer",
  Effect: "Allow",
  Action: ["access-analyzer:CheckNoNewAccess", "access-analyzer:ValidatePolicy"],
  Resource: "*",
};

/** What no other policy of the role can give back. */
function denials(account: ProvisionerAccount): Statement[] {
  return [
    {
      Sid: "NeverWithoutTheBoundary",
      Effect: "Deny",
      Action: [...boundaryConditioned, "iam:AttachRolePolicy"],
      Resource: "*",
      // Also matches when the key is absent: a role without any boundary.
      Condition: { StringNotEquals: { "iam:PermissionsBoundary": account.boundaryArn } },
    },
    {
      Sid: "NeverTakeABoundaryOff",
      Effect: "Deny",
      Action: ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
      Resource: "*",
    },
    {
      Sid: "NeverOwnRoleNorBoundary",
      Effect: "Deny",
      Action: identityWrites,
      Resource: [account.provisionerRoleArn, account.boundaryArn],
    },
    {
      Sid: "NeverLockAKey",
      Effect: "Deny",
      Action: ["kms:CreateKey", "kms:PutKeyPolicy"],
      Resource: "*",
      Condition: { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } },
    },
  ];
}

/**
 * The provisioner role's policy.
 *
 * @param issuerRegions Regions of all registered clusters, whichever account they are in: a role here may trust the
 *   tokens of a cluster elsewhere.
 */
export function provisionerPolicy(
  account: ProvisionerAccount,
  installation: string,
  issuerRegions: readonly string[],
): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      ...iamStatements(account, installation, issuerRegions),
      ...eksStatements(account, installation),
      ...targetStatements(account),
      askAccessAnalyzer,
      ...denials(account),
    ],
  };
}
