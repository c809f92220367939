import type { AccountId } from "./arn.ts";
import type { GrantId } from "./grant.ts";
import type { PolicyDocument, Statement } from "./policy-document.ts";

/** Key → value, as AWS's tags. */
export type Tags = Record<string, string>;

/** An IAM OIDC provider: makes an account trust the tokens of a cluster. Shared by all roles that name it. */
export interface OidcProviderBody {
  /** Issuer without `https://`. */
  issuer: string;
  clientIds: string[];
  tags: Tags;
}

export interface RoleBody {
  name: string;
  /** Starts and ends with a slash. */
  path: string;
  description: string;
  trust: PolicyDocument;
  boundaryArn: string;
  /** Seconds, 3,600 to 43,200. */
  maxSessionDuration: number;
  tags: Tags;
}

/** An inline policy of a role of ours. */
export interface RolePolicyBody {
  roleName: string;
  policyName: string;
  document: PolicyDocument;
}

/** Our statements in a policy that others also write. Everything else in that policy is not ours. */
export interface ResourcePolicyBody {
  /** Key of the service catalogue, which says how the policy is read and written. */
  service: string;
  resourceArn: string;
  /** Each with a Sid of ours. */
  statements: (Statement & { Sid: string })[];
}

export interface PodIdentityAssociationBody {
  clusterName: string;
  namespace: string;
  serviceAccount: string;
  roleArn: string;
  /** The role in another account that the agent assumes on top; null for none. */
  targetRoleArn: string | null;
  tags: Tags;
}

/** Kind → body. A new kind is one line here and one controller in lib/aws. */
export interface ResourceBodies {
  "oidc-provider": OidcProviderBody;
  role: RoleBody;
  "role-policy": RolePolicyBody;
  "resource-policy-statements": ResourcePolicyBody;
  "pod-identity-association": PodIdentityAssociationBody;
}

export type ResourceKind = keyof ResourceBodies;

/**
 * One thing that must exist in AWS, as the grants ask for it.
 * Two grants that need the same thing yield the same key, and the resource lists both as owners.
 */
export type CloudResource<K extends ResourceKind = ResourceKind> = {
  [Kind in K]: {
    kind: Kind;
    accountId: AccountId;
    /** Where the call goes; IAM is global and uses the partition's home Region. */
    region: string;
    /** Identity in AWS, e.g. a role's ARN. Unique over all kinds and accounts. */
    key: string;
    body: ResourceBodies[Kind];
    /** Keys of resources that must exist first, and that are deleted after this one. */
    dependsOn: string[];
    owners: GrantId[];
  };
}[K];

/** The names of a role's inline policies, and the ARNs of the managed policies that are attached to it. */
export interface RolePolicies {
  inline: string[];
  attached: string[];
}

/** What is there now, as a controller or the inventory's snapshot saw it. */
export type Observed<K extends ResourceKind = ResourceKind> =
  | {
      state: "absent";
      /** For statements: the whole policy that they would be merged into, when the resource has one. */
      surrounding?: PolicyDocument;
      /** Why we could not create it, when we could not. */
      conflict?: string;
    }
  | {
      state: "present";
      /** As far as AWS shows it, in the form of the desired body. */
      body: ResourceBodies[K];
      /** Carries our path and our installation's tag (or, for statements, our Sids). */
      ours: boolean;
      surrounding?: PolicyDocument;
      /** What hangs on a role of ours, whoever put it there. Absent: it was not looked at. */
      policies?: RolePolicies;
      /** Of a role: its unique id, `AROA…`. Absent: it was not looked at. */
      roleId?: string;
      /** Why we may not use or change it, when we may not. */
      conflict?: string;
    };

/** Key → what is there. A key that is missing was not looked at. */
export type ObservedState = Record<string, Observed>;
