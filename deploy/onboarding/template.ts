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
import { onboardingTemplate } from "#lib/render/onboarding/template.ts";

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

function required(name: Exclude<keyof typeof values, "partition">): string {
  const value = values[name];
  if (!value) throw new Error(`--${name} is missing; see the top of deploy/onboarding/template.ts`);
  return value;
}

const installation = required("installation");
const externalId = required("external-id");
const iam = `arn:${values.partition}:iam::${required("account")}`;
/** Role and boundary lie outside `/drawbridge/`, where the provisioner itself may write. */
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
    provisionerRoleArn: `${iam}:role/drawbridge-provisioner`,
    boundaryArn: `${iam}:policy/drawbridge-boundary`,
    externalId,
  });
const issuerRegions = (values["issuer-regions"] ?? required("regions")).split(",");

const template = onboardingTemplate({ account, installation, issuerRegions, workerArn: required("worker") });
process.stdout.write(`${JSON.stringify(template, null, 2)}\n`);
