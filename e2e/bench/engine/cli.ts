import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Account } from "#lib/model/account.ts";
import type { CloudResource, Tags } from "#lib/model/cloud-resource.ts";
import { mergeStatements } from "#lib/policy/merge.ts";
import { accountA, accountB } from "#lib/worker/testing.ts";
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

/** Makes everything of one grant of the pattern with the AWS CLI, in an AWS where nothing of it is there yet. */
export async function measureShell(pattern: string): Promise<ShellRun> {
  const stand = await createStand();
  try {
    await stand.world.faults({ latencyMs: injectedMs });
    return await provision(stand, pattern);
  } finally {
    await stand.close();
  }
}

async function provision({ world, url }: Stand, pattern: string): Promise<ShellRun> {
  const grant = await grantOf(world, pattern);
  const resources = inOrder(desiredResources([grant], await world.estate()));
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-bench-"));
  try {
    const lines = [...new Set(resources.map(({ accountId }) => accountId))].flatMap(session);
    for (const resource of resources) lines.push(...commandsOf(resource));
    const script = join(folder, "provision.sh");
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

type Commands = { [K in CloudResource["kind"]]: (resource: CloudResource<K>) => string[] };

const commands: Commands = {
  "oidc-provider": ({ body }) => [
    `iam create-open-id-connect-provider --url https://${body.issuer} --client-id-list ${body.clientIds.join(" ")} --tags ${iamTags(body.tags)}`,
  ],
  role: ({ body }) => [
    `iam create-role --role-name ${body.name} --path ${body.path} --assume-role-policy-document ${json(body.trust)} --description ${quoted(body.description)} --permissions-boundary ${body.boundaryArn} --max-session-duration ${body.maxSessionDuration} --tags ${iamTags(body.tags)}`,
  ],
  "role-policy": ({ body }) => [
    `iam put-role-policy --role-name ${body.roleName} --policy-name ${body.policyName} --policy-document ${json(body.document)}`,
  ],
  // The person reads the policy, merges it in an editor (which takes no time here) and puts it back.
  "resource-policy-statements": ({ body }) => {
    const bucket = body.resourceArn.split(":").at(-1) ?? "";
    const merged = mergeStatements(undefined, body.statements);
    return [
      `s3api get-bucket-policy --bucket ${bucket}`,
      `s3api put-bucket-policy --bucket ${bucket} --policy ${json(merged)}`,
    ];
  },
  "pod-identity-association": ({ body }) => [
    `eks create-pod-identity-association --cluster-name ${body.clusterName} --namespace ${body.namespace} --service-account ${body.serviceAccount} --role-arn ${body.roleArn}${body.targetRoleArn ? ` --target-role-arn ${body.targetRoleArn}` : ""} --tags ${json(body.tags)}`,
  ],
};

function commandsOf(resource: CloudResource): string[] {
  const make = commands[resource.kind] as (resource: CloudResource) => string[];
  const { accountId } = resource;
  const as = `AWS_ACCESS_KEY_ID=$KEY_${accountId} AWS_SECRET_ACCESS_KEY=$SECRET_${accountId} AWS_SESSION_TOKEN=$TOKEN_${accountId}`;
  return make(resource).map((command) => `${as} aws ${command} > /dev/null`);
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
