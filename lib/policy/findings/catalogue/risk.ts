import { analyzer, type FindingEntry, guide } from "../entry.ts";

const paths = "https://pathfinding.cloud/paths/";
const passRole = guide("id_roles_use_passrole.html");

/** Permissions by which their holder can get more of them. */
export const escalation = {
  "escalation.write-policies": {
    severity: "security-warning",
    group: "escalation",
    title: "May write its own permissions",
    why: "Who can attach, put or version policies of roles, users or groups can give itself everything.",
    mend: "Leave it out. A provisioner needs it on a path of its own, with iam:PermissionsBoundary as a condition.",
    reference: guide("access_policies_boundaries.html#access_policies_boundaries-delegate"),
  },
  "escalation.write-trust": {
    severity: "security-warning",
    group: "escalation",
    title: "May decide who becomes a role",
    why: "Who can change a role's trust policy can let itself in, and has then what the role has.",
    mend: "Leave it out, or limit it to roles on a path of its own with iam:PermissionsBoundary as a condition.",
    reference: `${paths}iam-012`,
  },
  "escalation.credentials": {
    severity: "security-warning",
    group: "escalation",
    title: "May make keys or passwords for others",
    why: "Who can make an access key or a password for another user is that user.",
    mend: "Leave it out, or limit it to the caller's own user.",
    reference: `${paths}iam-002`,
  },
  "escalation.group-membership": {
    severity: "security-warning",
    group: "escalation",
    title: "May put itself into a group",
    why: "Who can add users to a group can have what the group has.",
    mend: "Leave it out, or name the groups.",
    reference: `${paths}iam-013`,
  },
  "escalation.boundaries": {
    severity: "security-warning",
    group: "escalation",
    title: "May take permissions boundaries off",
    why: "The boundary is what limits roles that others make; without it their policies count in full.",
    mend: "Deny the deletion and change of boundaries.",
    reference: guide("access_policies_boundaries.html"),
  },
  "escalation.remove-policies": {
    severity: "warning",
    group: "escalation",
    title: "May take policies away, and a Deny with them",
    why: "What a role or user may not do is often said by a Deny: who can delete or detach its policies, or take it out of a group, lifts that.",
    mend: "Leave it out, or demand iam:PermissionsBoundary as a condition.",
    reference: guide("access_policies_boundaries.html#access_policies_boundaries-delegate"),
  },
  "escalation.identity-providers": {
    severity: "security-warning",
    group: "escalation",
    title: "May decide whose tokens the account trusts",
    why: "Who can make or change an identity provider, or a trust anchor of Roles Anywhere, can make tokens for each role that trusts it.",
    mend: "Leave it out, or name the provider's ARN.",
    reference: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html",
  },
  "escalation.pass-role-any": {
    severity: "security-warning",
    group: "escalation",
    title: "May pass any role",
    why: "With whatever service runs things, its holder can have the permissions of every role that trusts the service.",
    mend: "Name the role's ARN and, with iam:PassedToService, the service.",
    reference: analyzer("security-warning-pass-role-with-star-in-resource"),
  },
  "escalation.pass-role-anywhere": {
    severity: "warning",
    group: "escalation",
    title: "May pass a role to any service",
    why: "Without iam:PassedToService the role can be handed to each service that it trusts, now or later.",
    mend: "Add StringEquals on iam:PassedToService.",
    reference: passRole,
  },
  "escalation.pass-role-and-run": {
    severity: "security-warning",
    group: "escalation",
    title: "May run its own code as another role",
    why: "Passing a role and starting something with it (a function, a machine, a task, a stack) gives its holder the role's permissions.",
    mend: "Leave one of the two out, or limit iam:PassRole to a role that has no more than the holder.",
    reference: `${paths}`,
  },
  "escalation.run-as-existing": {
    severity: "security-warning",
    group: "escalation",
    title: "May run its own code where another role is at work",
    why: "Changing a function's code or getting onto a machine or into a container gives what its role has.",
    mend: "Name the functions, machines or tasks that are the workload's own.",
    reference: `${paths}`,
  },
  "escalation.assume-any-role": {
    severity: "security-warning",
    group: "escalation",
    title: "May assume any role",
    why: "Each role that trusts the whole account can be had, in other accounts too.",
    mend: "Name the roles' ARNs.",
    reference: `${paths}sts-001`,
  },
  "escalation.service-linked-roles": {
    severity: "warning",
    group: "escalation",
    title: "May make service-linked roles for any service",
    why: "Each lets a service act in the account, with permissions that nobody here chose.",
    mend: "Name the role's ARN, or the service with iam:AWSServiceName.",
    reference: analyzer("general-warning-create-slr-with-star-in-resource"),
  },
} satisfies Record<string, FindingEntry>;

/** Permissions by which data or records get out of their owner's hands. */
export const exposure = {
  "exposure.all-objects": {
    severity: "security-warning",
    group: "exposure",
    title: "Reads the data of every bucket, table or queue",
    why: "The data of other teams is among it.",
    mend: "Name the resources.",
    reference: guide("best-practices.html#grant-least-privilege"),
  },
  "exposure.all-secrets": {
    severity: "security-warning",
    group: "exposure",
    title: "Reads every secret",
    why: "Secrets are the way into other systems; those of all teams are among them.",
    mend: "Name the secrets or parameters.",
    reference: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
  },
  "exposure.all-keys": {
    severity: "security-warning",
    group: "exposure",
    title: "Decrypts with every key",
    why: "Encryption no longer tells who may read what.",
    mend: "Name the key's ARN; kms:ViaService limits it to the service that needs it.",
    reference: "https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
  },
  "exposure.audit-trail": {
    severity: "security-warning",
    group: "exposure",
    title: "May turn the records off",
    why: "Who can stop or delete trails, detectors or flow logs can act without being seen.",
    mend: "Leave it out.",
    reference: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
  },
  "exposure.deletes-target": {
    severity: "warning",
    group: "exposure",
    title: "May delete a bucket, queue, table or key as a whole",
    why: "A workload works with what is in it. What takes it away is rarely meant, and can't be undone.",
    mend: "Leave it out.",
    reference: guide("best-practices.html#grant-least-privilege"),
  },
} satisfies Record<string, FindingEntry>;

export const redundancy = {
  "redundant.action": {
    severity: "suggestion",
    group: "redundancy",
    title: "An action that is included already",
    why: "Another entry of the list stands for it too: who takes this one away takes nothing away.",
    mend: "Keep the narrower entries, if they are what is meant.",
    reference: analyzer("suggestion-redundant-action"),
  },
  "redundant.resource": {
    severity: "suggestion",
    group: "redundancy",
    title: "A resource that is included already",
    why: "Another entry of the list stands for it too: who takes this one away takes nothing away.",
    mend: "Keep the narrower entries, if they are what is meant.",
    reference: analyzer("suggestion-redundant-resource"),
  },
  "redundant.condition-value": {
    severity: "suggestion",
    group: "redundancy",
    title: "A value that is included already",
    why: "The values are alternatives, and another one covers it.",
    mend: "Keep one of them.",
    reference: analyzer("suggestion-redundant-condition-value-num"),
  },
  "redundant.statement": {
    severity: "suggestion",
    group: "redundancy",
    title: "A statement that another one includes",
    why: "Who takes it away takes nothing away, and it takes room.",
    mend: "Remove one of them.",
    reference: analyzer("suggestion-redundant-statement"),
  },
} satisfies Record<string, FindingEntry>;

const quotas = guide("reference_iam-quotas.html");

/** Sizes of documents; what is there already counts in preflight's. */
export const size = {
  "size.trust": {
    severity: "warning",
    group: "quota",
    title: "A trust policy beyond the default quota",
    why: "IAM stores 2,048 characters unless the account's quota was raised.",
    mend: "Name fewer principals, or have the quota raised.",
    reference: analyzer("general-warning-policy-size-exceeds-role-trust-policy-quota"),
  },
  "size.identity": {
    severity: "warning",
    group: "quota",
    title: "Too long for a managed policy",
    why: "IAM stores 6,144 characters in a managed policy and 10,240 in all inline policies of a role, white space not counted.",
    mend: "Split it, or use patterns.",
    reference: analyzer("general-warning-policy-size-exceeds-identity-policy-quota"),
  },
  "size.session": {
    severity: "error",
    group: "quota",
    title: "Too long for a session policy",
    why: "STS takes 2,048 characters.",
    mend: "Use patterns, or pass managed policies by their ARN.",
    reference: quotas,
  },
  "size.organization": {
    severity: "error",
    group: "quota",
    title: "Too long for an organisation's policy",
    why: "AWS Organizations stores 10,240 characters in an SCP and 5,120 in an RCP.",
    mend: "Split it into several policies.",
    reference: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
  },
  "size.resource": {
    severity: "error",
    group: "quota",
    title: "Too long for the resource's policy",
    why: "The service stores no more: 20 KB for a bucket, 8 KB for a queue, 30 KB for a topic, 32 KB for a key.",
    mend: "Use a role in the resource's account instead of one more statement.",
    reference: analyzer("general-warning-policy-size-exceeds-resource-policy-quota"),
  },
  "size.statements": {
    severity: "error",
    group: "quota",
    title: "More statements than the service takes",
    why: "SQS takes 20 statements, SNS 100.",
    mend: "Bring statements together, or use a role in the resource's account.",
    reference:
      "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
  },
  "size.statement-actions": {
    severity: "error",
    group: "quota",
    title: "More actions than SQS takes in a statement",
    why: "SQS takes seven actions a statement.",
    mend: "Split the statement.",
    reference:
      "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
  },
} satisfies Record<string, FindingEntry>;
