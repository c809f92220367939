import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Account } from "#lib/model/account.ts";
import type { CloudResource, Tags } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { mergeStatements, withoutStatements } from "#lib/policy/merge.ts";
import { accountA, accountB, type World } from "#lib/worker/testing.ts";
import { injectedMs } from "./latency.ts";
import { createStand, grantOf, type Stand } from "./stand.ts";

const run = promisify(execFile);

/** What a person would do instead: one shell script of AWS CLI commands, in the right order, that checks nothing. */
export interface ShellRun {
  commands: number;
  wallMs: number;
}

/** @returns null when there is no AWS CLI in PATH */
export async function hasAwsCli(): Promise<boolean> {
  return run("aws", ["--version"]).then(
    () => true,
    () => false,
  );
}

/**
 * Makes everything of one grant of the pattern with the AWS CLI, in an AWS where nothing of it is there yet, and takes it
 * away again.
 */
export async function measureShell(pattern: string): Promise<Record<Verb, ShellRun>> {
  const stand = await createStand();
  try {
    const { world } = stand;
    const grant = await grantOf(world, pattern);
    const resources = inOrder(desiredResources([grant], await world.estate()));
    const before = await world.dump();
    await world.faults({ latencyMs: injectedMs });
    const provision = await play(stand, resources, "provision");
    const revoke = await play(stand, resources.toReversed(), "revoke");
    if (!isDeepStrictEqual(await world.dump(), before)) throw new Error("The script left something behind.");
    return { provision, revoke };
  } finally {
    await stand.close();
  }
}

type Verb = "provision" | "revoke";

async function play(
  { world, url }: Stand,
  resources: readonly CloudResource[],
  verb: Verb,
): Promise<ShellRun> {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-bench-"));
  try {
    const lines = [...new Set(resources.map(({ accountId }) => accountId))].flatMap(session);
    const policyOf: PolicyOf = await policies(world);
    for (const resource of resources) lines.push(...commandsOf(resource, verb, policyOf));
    const script = join(folder, `${verb}.sh`);
    writeFileSync(script, ["set -euo pipefail", ...lines, ""].join("\n"));
    const started = performance.now();
    await run("bash", [script], {
      env: {
        NODE_ENV: "production",
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: url,
        AWS_REGION: "eu-west-1",
        AWS_DEFAULT_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "AKIAWORKERWORKER0000",
        AWS_SECRET_ACCESS_KEY: "worker-secret",
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_PAGER: "",
      },
    });
    return {
      wallMs: performance.now() - started,
      commands: lines.filter((line) => line.includes("aws ")).length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inOrder(resources: readonly CloudResource[]): CloudResource[] {
  const ordered = new Set<CloudResource>();
  const add = (resource: CloudResource) => {
    for (const key of resource.dependsOn) for (const one of resources) if (one.key === key) add(one);
    ordered.add(resource);
  };
  resources.forEach(add);
  return [...ordered];
}

function accountOf(id: string): Account {
  const found = [accountA, accountB].find((account) => account.id === id);
  if (!found) throw new Error(`The benchmark has no account ${id}.`);
  return found;
}

/** The provisioner's credentials of one account, in variables named after it. */
function session(accountId: string): string[] {
  const { provisionerRoleArn, externalId } = accountOf(accountId);
  return [
    `read -r KEY_${accountId} SECRET_${accountId} TOKEN_${accountId} < <(aws sts assume-role --role-arn ${quoted(provisionerRoleArn)} --external-id ${quoted(externalId)} --role-session-name bench --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)`,
  ];
}

/** What a bucket's policy is now. */
type PolicyOf = (bucket: string) => PolicyDocument | undefined;

async function policies(world: World): Promise<PolicyOf> {
  const accounts = Object.values((await world.dump()) as Record<string, { buckets?: Buckets }>);
  return (bucket) =>
    accounts.map(({ buckets }) => buckets?.[bucket]?.policy).find((policy) => policy) ?? undefined;
}
type Buckets = Record<string, { policy?: PolicyDocument | null }>;

type Commands = {
  [K in CloudResource["kind"]]: Record<Verb, (resource: CloudResource<K>, policyOf: PolicyOf) => string[]>;
};

const bucketOf = ({ body }: CloudResource<"resource-policy-statements">) =>
  body.resourceArn.split(":").at(-1) ?? "";

/** The person reads the policy, edits it (which takes no time here) and puts it back. */
const edited = (bucket: string, document: PolicyDocument | undefined) => [
  `s3api get-bucket-policy --bucket ${bucket}`,
  document
    ? `s3api put-bucket-policy --bucket ${bucket} --policy ${json(document)}`
    : `s3api delete-bucket-policy --bucket ${bucket}`,
];

const commands: Commands = {
  "oidc-provider": {
    provision: ({ body }) => [
      `iam create-open-id-connect-provider --url https://${body.issuer} --client-id-list ${body.clientIds.join(" ")} --tags ${iamTags(body.tags)}`,
    ],
    revoke: ({ key }) => [`iam delete-open-id-connect-provider --open-id-connect-provider-arn ${key}`],
  },
  role: {
    provision: ({ body }) => [
      `iam create-role --role-name ${body.name} --path ${body.path} --assume-role-policy-document ${json(body.trust)} --description ${quoted(body.description)} --permissions-boundary ${body.boundaryArn} --max-session-duration ${body.maxSessionDuration} --tags ${iamTags(body.tags)}`,
    ],
    revoke: ({ body }) => [`iam delete-role --role-name ${body.name}`],
  },
  "role-policy": {
    provision: ({ body }) => [
      `iam put-role-policy --role-name ${body.roleName} --policy-name ${body.policyName} --policy-document ${json(body.document)}`,
    ],
    revoke: ({ body }) => [
      `iam delete-role-policy --role-name ${body.roleName} --policy-name ${body.policyName}`,
    ],
  },
  "resource-policy-statements": {
    provision: (resource, policyOf) => {
      const bucket = bucketOf(resource);
      return edited(bucket, mergeStatements(policyOf(bucket), resource.body.statements));
    },
    revoke: (resource, policyOf) => {
      const bucket = bucketOf(resource);
      return edited(
        bucket,
        withoutStatements(
          policyOf(bucket),
          resource.body.statements.map(({ Sid }) => Sid),
        ),
      );
    },
  },
  "pod-identity-association": {
    provision: ({ body }) => [
      `eks create-pod-identity-association --cluster-name ${body.clusterName} --namespace ${body.namespace} --service-account ${body.serviceAccount} --role-arn ${body.roleArn}${body.targetRoleArn ? ` --target-role-arn ${body.targetRoleArn}` : ""} --tags ${json(body.tags)}`,
    ],
    revoke: ({ body }) => [
      `eks delete-pod-identity-association --cluster-name ${body.clusterName} --association-id "$ASSOCIATION"`,
    ],
  },
};

function commandsOf(resource: CloudResource, verb: Verb, policyOf: PolicyOf): string[] {
  const make = commands[resource.kind][verb] as (resource: CloudResource, policyOf: PolicyOf) => string[];
  const { accountId } = resource;
  const as = `AWS_ACCESS_KEY_ID=$KEY_${accountId} AWS_SECRET_ACCESS_KEY=$SECRET_${accountId} AWS_SESSION_TOKEN=$TOKEN_${accountId}`;
  const lines = make(resource, policyOf).map((command) => `${as} aws ${command} > /dev/null`);
  if (resource.kind !== "pod-identity-association" || verb === "provision") return lines;
  // Only a list tells the id that EKS gave it.
  const { clusterName, namespace, serviceAccount } = resource.body;
  return [
    `ASSOCIATION=$(${as} aws eks list-pod-identity-associations --cluster-name ${clusterName} --namespace ${namespace} --service-account ${serviceAccount} --query 'associations[0].associationId' --output text)`,
    ...lines,
  ];
}

function iamTags(tags: Tags): string {
  return json(Object.entries(tags).map(([Key, Value]) => ({ Key, Value })));
}

function json(value: unknown): string {
  return quoted(JSON.stringify(value));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
