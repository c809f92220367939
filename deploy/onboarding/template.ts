/**
 * Prints the CloudFormation template that an account's owner deploys before the account is registered: the
 * provisioner role and the permissions boundary, made of the documents in lib/render/onboarding.ts.
 *
 *   node deploy/onboarding/template.ts --account 444455556666 --installation acme --regions eu-west-1 \
 *     --issuer-regions eu-west-1,eu-central-1 --worker arn:aws:iam::999999999999:role/drawbridge-worker \
 *     --external-id <random, 16 characters or more> > template.json
 *
 *   aws cloudformation deploy --template-file template.json --stack-name drawbridge \
 *     --capabilities CAPABILITY_NAMED_IAM
 *
 * Deploy it again whenever a Region is added: OIDC providers are allowed one Region at a time.
 */
import { parseArgs } from "node:util";
import { accountSchema } from "#lib/model/account.ts";
import { boundaryPolicy, provisionerPolicy, provisionerTrust } from "#lib/render/onboarding.ts";

const { values } = parseArgs({
  options: {
    account: { type: "string" },
    partition: { type: "string", default: "aws" },
    installation: { type: "string" },
    regions: { type: "string" },
    "issuer-regions": { type: "string" },
    worker: { type: "string" },
    "external-id": { type: "string" },
  },
});

/** Outside `/drawbridge/`, where the provisioner itself may write. */
const provisionerName = "drawbridge-provisioner";
const boundaryName = "drawbridge-boundary";

function required(name: Exclude<keyof typeof values, "partition">): string {
  const value = values[name];
  if (!value) throw new Error(`--${name} is missing; see the top of deploy/onboarding/template.ts`);
  return value;
}

const installation = required("installation");
const externalId = required("external-id");
const iam = `arn:${values.partition}:iam::${required("account")}`;
const account = accountSchema
  .pick({
    id: true,
    partition: true,
    regions: true,
    provisionerRoleArn: true,
    boundaryArn: true,
    externalId: true,
  })
  .parse({
    id: required("account"),
    partition: values.partition,
    regions: required("regions").split(","),
    provisionerRoleArn: `${iam}:role/${provisionerName}`,
    boundaryArn: `${iam}:policy/${boundaryName}`,
    externalId,
  });
const issuerRegions = (values["issuer-regions"] ?? required("regions")).split(",");

const template = {
  AWSTemplateFormatVersion: "2010-09-09",
  Description: `Drawbridge installation ${installation}: provisioner role and permissions boundary`,
  Resources: {
    Boundary: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        ManagedPolicyName: boundaryName,
        Description: "The most that a role made by Drawbridge may ever do",
        PolicyDocument: boundaryPolicy(account, installation),
      },
    },
    Provisioner: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: provisionerName,
        Description: "Assumed by Drawbridge's worker to provision what was approved",
        MaxSessionDuration: 3600,
        AssumeRolePolicyDocument: provisionerTrust(required("worker"), externalId),
        Policies: [
          {
            PolicyName: "provision",
            PolicyDocument: provisionerPolicy(account, installation, issuerRegions),
          },
        ],
      },
    },
  },
  Outputs: {
    ProvisionerRoleArn: { Value: account.provisionerRoleArn },
    BoundaryArn: { Value: account.boundaryArn },
  },
};

process.stdout.write(`${JSON.stringify(template, null, 2)}\n`);
