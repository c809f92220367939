import type { Account } from "#lib/model/account.ts";
import type { Partition } from "#lib/model/arn.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { rolePath, tagKeys } from "#lib/model/tags.ts";

/**
 * What an account's owner puts in place before Drawbridge may act there: the provisioner role's trust and policy,
 * and the permissions boundary of every role that Drawbridge makes. Pure documents; deploy/onboarding and the
 * sandbox's seed both use them, so that the tests run with exactly these rights.
 *
 * Sources: Service Authorization Reference (actions, resource types and condition keys of IAM, EKS, S3, SQS, KMS,
 * STS); docs on permissions boundaries, "Delegating responsibility to others using permissions boundaries".
 */

type ProvisionerAccount = Pick<
  Account,
  "id" | "partition" | "provisionerRoleArn" | "boundaryArn" | "regions"
>;

const document = (statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

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
  const requestOurs = { [`aws:RequestTag/${tagKeys.installation}`]: installation };
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
      Action: "iam:CreateOpenIDConnectProvider",
      Resource: providers,
      Condition: { StringEquals: requestOurs },
    },
    {
      Sid: "TagIssuersOnCreation",
      Effect: "Allow",
      Action: "iam:TagOpenIDConnectProvider",
      Resource: providers,
      Condition: {
        StringEquals: requestOurs,
        // Creating with tags takes this too. One that bears an installation's tag already is not to be taken over.
        Null: { [`aws:ResourceTag/${tagKeys.installation}`]: "true" },
      },
    },
    {
      Sid: "ChangeOurIssuers",
      Effect: "Allow",
      Action: [
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:DeleteOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
        "iam:UntagOpenIDConnectProvider",
      ],
      Resource: providers,
      Condition: { StringEquals: ours },
    },
  ];
}

function eksStatements(account: ProvisionerAccount): Statement[] {
  const arns = (type: string) =>
    account.regions.map((region) => `arn:${account.partition}:eks:${region}:${account.id}:${type}/*`);
  const associations = arns("podidentityassociation");
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
      Sid: "ChangeAssociations",
      Effect: "Allow",
      Action: [
        "eks:DeletePodIdentityAssociation",
        "eks:DescribePodIdentityAssociation",
        "eks:TagResource",
        "eks:UntagResource",
        "eks:UpdatePodIdentityAssociation",
      ],
      Resource: associations,
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
      Action: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SetQueueAttributes"],
      Resource: regions.map((region) => `arn:${partition}:sqs:${region}:${id}:*`),
    },
    {
      Sid: "ReadKeys",
      Effect: "Allow",
      Action: "kms:DescribeKey",
      Resource: regions.map((region) => `arn:${partition}:kms:${region}:${id}:key/*`),
    },
  ];
}

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
  return document([
    ...iamStatements(account, installation, issuerRegions),
    ...eksStatements(account),
    ...targetStatements(account),
    ...denials(account),
  ]);
}

/**
 * Who may become the provisioner: the worker alone, with the account's ExternalId (the confused-deputy guard).
 * ExternalId is no key of SetSourceIdentity and TagSession, so they stand in a statement of their own; alone they
 * give nothing.
 */
export function provisionerTrust(portalPrincipalArn: string, externalId: string): PolicyDocument {
  const Principal = { AWS: portalPrincipalArn };
  return document([
    {
      Sid: "AssumeWithExternalId",
      Effect: "Allow",
      Principal,
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": externalId } },
    },
    {
      Sid: "NameTheRequest",
      Effect: "Allow",
      Principal,
      Action: ["sts:SetSourceIdentity", "sts:TagSession"],
    },
  ]);
}

/** The worker's own policy: into the provisioner roles, and nothing else. */
export function workerPolicy(provisionerRoleArns: string[]): PolicyDocument {
  return document([
    {
      Sid: "BecomeProvisioner",
      Effect: "Allow",
      Action: ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
      Resource: provisionerRoleArns,
    },
  ]);
}

/**
 * The permissions boundary of every role that Drawbridge makes in the account: the most that a grant can ever give,
 * whatever its inline policy says. Data actions of the supported services, the keys behind them only through these
 * services, and role chaining into Drawbridge's roles. No IAM, no policy writes, no key administration.
 */
export function boundaryPolicy(account: Pick<Account, "partition">, installation: string): PolicyDocument {
  const { partition } = account;
  return document([
    {
      Sid: "Objects",
      Effect: "Allow",
      Action: [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      Resource: `arn:${partition}:s3:::*`,
    },
    {
      Sid: "Messages",
      Effect: "Allow",
      Action: [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
      ],
      Resource: `arn:${partition}:sqs:*:*:*`,
    },
    {
      Sid: "KeysThroughTheseServices",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: `arn:${partition}:kms:*:*:key/*`,
      Condition: { StringLike: { "kms:ViaService": ["s3.*.amazonaws.com", "sqs.*.amazonaws.com"] } },
    },
    {
      Sid: "DrawbridgeRoles",
      Effect: "Allow",
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Resource: `arn:${partition}:iam::*:role${rolePath(installation)}*`,
    },
  ]);
}
