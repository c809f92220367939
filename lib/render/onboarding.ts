import { services } from "#lib/desired/services/catalogue.ts";
import { viaService } from "#lib/desired/services/service.ts";
import type { Account } from "#lib/model/account.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { rolePath } from "#lib/model/tags.ts";

/**
 * What an account's owner puts in place before Drawbridge may act there: the provisioner role's trust and policy,
 * and the permissions boundary of every role that Drawbridge makes. Pure documents; deploy/onboarding and the
 * sandbox's seed both use them, so that the tests run with exactly these rights.
 *
 * Sources: Service Authorization Reference (actions, resource types and condition keys of IAM, EKS, S3, SQS, KMS,
 * STS); docs on permissions boundaries, "Delegating responsibility to others using permissions boundaries".
 */

export { provisionerPolicy } from "./onboarding/provisioner.ts";

const document = (statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

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

/** All that access to a service may consist of, of any level; the levels are made of actions that custom access has too. */
function actionsOf(service: string): string[] {
  return (services[service]?.actions ?? []).map(({ action }) => action).sort();
}

/**
 * The permissions boundary of every role that Drawbridge makes in the account: the most that a grant can ever give,
 * whatever its inline policy says. The actions of the supported services that access can have, the keys behind them only
 * through these services, and role chaining into Drawbridge's roles. No IAM, no policy writes, no key administration.
 */
export function boundaryPolicy(account: Pick<Account, "partition">, installation: string): PolicyDocument {
  const { partition } = account;
  return document([
    {
      Sid: "Objects",
      Effect: "Allow",
      Action: actionsOf("s3"),
      Resource: `arn:${partition}:s3:::*`,
    },
    {
      Sid: "Messages",
      Effect: "Allow",
      Action: actionsOf("sqs"),
      Resource: `arn:${partition}:sqs:*:*:*`,
    },
    {
      Sid: "KeysThroughTheseServices",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: `arn:${partition}:kms:*:*:key/*`,
      Condition: {
        StringLike: {
          "kms:ViaService": ["s3", "sqs"].flatMap((service) => viaService(service, "*", partition)),
        },
      },
    },
    {
      Sid: "DrawbridgeRoles",
      Effect: "Allow",
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Resource: `arn:${partition}:iam::*:role${rolePath(installation)}*`,
    },
  ]);
}
