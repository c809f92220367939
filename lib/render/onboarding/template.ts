import type { Partition } from "#lib/model/arn.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { boundaryPolicy, provisionerPolicy, provisionerTrust } from "#lib/render/onboarding.ts";

/** What the documents of one account are made from. */
export type OnboardingAccount = {
  id: string;
  partition: Partition;
  regions: string[];
  provisionerRoleArn: string;
  boundaryArn: string;
  externalId: string;
};

export type OnboardingOptions = {
  account: OnboardingAccount;
  installation: string;
  /** Regions of the clusters whose OIDC issuers the account may have to trust. */
  issuerRegions: readonly string[];
  /** The principal that the worker runs as. */
  workerArn: string;
};

export type OnboardingDocuments = { trust: PolicyDocument; policy: PolicyDocument; boundary: PolicyDocument };

export function onboardingDocuments(options: OnboardingOptions): OnboardingDocuments {
  const { account, installation, issuerRegions, workerArn } = options;
  return {
    trust: provisionerTrust(workerArn, account.externalId),
    policy: provisionerPolicy(account, installation, [...issuerRegions]),
    boundary: boundaryPolicy(account, installation),
  };
}

/** The same documents as one CloudFormation template; it needs CAPABILITY_NAMED_IAM. */
export function onboardingTemplate(options: OnboardingOptions): object {
  const { trust, policy, boundary } = onboardingDocuments(options);
  const { provisionerRoleArn, boundaryArn } = options.account;
  const role = nameAndPath(provisionerRoleArn);
  const managed = nameAndPath(boundaryArn);
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `Drawbridge installation ${options.installation}: provisioner role and permissions boundary`,
    Resources: {
      Boundary: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          ManagedPolicyName: managed.name,
          Path: managed.path,
          Description: "The most that a role made by Drawbridge may ever do",
          PolicyDocument: boundary,
        },
      },
      Provisioner: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: role.name,
          Path: role.path,
          Description: "Assumed by Drawbridge's worker to provision what was approved",
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: trust,
          Policies: [{ PolicyName: "provision", PolicyDocument: policy }],
        },
      },
    },
    Outputs: { ProvisionerRoleArn: { Value: provisionerRoleArn }, BoundaryArn: { Value: boundaryArn } },
  };
}

/** `arn:aws:iam::1:role/team/x` → path `/team/`, name `x`. */
function nameAndPath(arn: string): { name: string; path: string } {
  const parts = arn.split(":").slice(5).join(":").split("/").slice(1);
  const name = parts.at(-1) ?? "";
  const path = parts.slice(0, -1).join("/");
  return { name, path: path === "" ? "/" : `/${path}/` };
}
