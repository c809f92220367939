import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { podReportSchema } from "#lib/model/pod-report.ts";
import { type RunningSandbox, startSandbox } from "../server.ts";
import { accountA, accountB, control, estate, issuer, region } from "../test-estate.ts";
import { playPod } from "./play.ts";

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(() => control(sandbox.url, "reset", {}));

const source = `arn:aws:iam::${accountA}:role/source`;
const target = `arn:aws:iam::${accountB}:role/target`;
const externalId = "target-external-id";

const only = (statement: object) => ({ Version: "2012-10-17", Statement: [statement] });
const irsaTrust = (account: string, condition = true) =>
  only({
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    ...(condition && {
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: "sts.amazonaws.com",
          [`${issuer}:sub`]: "system:serviceaccount:pay:api",
        },
      },
    }),
  });
const data = only({
  Effect: "Allow",
  Action: [
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "sqs:SendMessage",
    "sqs:GetQueueUrl",
  ],
  Resource: "*",
});
const step = only({ Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: target });
const podTrust = only({
  Effect: "Allow",
  Principal: { Service: "pods.eks.amazonaws.com" },
  Action: ["sts:AssumeRole", "sts:TagSession"],
});
const chainTrust = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: source },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": externalId } },
    },
    { Effect: "Allow", Principal: { AWS: source }, Action: "sts:TagSession" },
  ],
};

function seed(roles: { a?: object[]; b?: object[]; associations?: object[]; providers?: ("a" | "b")[] }) {
  const { a = [], b = [], associations = [], providers = [] } = roles;
  return control(sandbox.url, "seed", {
    accounts: estate.accounts.map((account) => {
      const clusters = account.clusters?.map((one) => (one.name === "blue" ? { ...one, associations } : one));
      if (account.id === accountA)
        return { ...account, clusters, roles: a, oidcProviders: providers.includes("a") ? [{ issuer }] : [] };
      return account.id === accountB
        ? { ...account, roles: b, oidcProviders: providers.includes("b") ? [{ issuer }] : [] }
        : account;
    }),
  });
}

function manifest(options: { annotation?: string; config?: string; profile?: string; reportUrl?: string }) {
  const checks = [
    ["s3:ListBucket", "arn:aws:s3:::reports/daily/"],
    ["s3:PutObject", "arn:aws:s3:::reports/daily/check"],
    ["s3:GetObject", "arn:aws:s3:::reports/daily/check"],
    ["s3:DeleteObject", "arn:aws:s3:::reports/daily/check"],
    ["sqs:SendMessage", `arn:aws:sqs:${region}:${accountB}:orders`],
  ].map(([operation, resource]) => ({ operation, resource, region, profile: options.profile ?? null }));
  return `
apiVersion: v1
kind: ServiceAccount
metadata:
  name: api
  namespace: pay
${options.annotation ? `  annotations:\n    eks.amazonaws.com/role-arn: ${options.annotation}` : ""}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: api-aws-config, namespace: pay }
data:
  config: ${JSON.stringify(options.config ?? "")}
---
apiVersion: batch/v1
kind: Job
metadata: { name: check, namespace: pay }
spec:
  template:
    spec:
      serviceAccountName: api
      containers:
        - name: check
          env:
            - { name: DRAWBRIDGE_CLUSTER, value: "${accountA}/${region}/blue" }
            - { name: DRAWBRIDGE_CHECKS, value: ${JSON.stringify(JSON.stringify(checks))} }
            - { name: AWS_CONFIG_FILE, value: /etc/aws/config }
${options.reportUrl ? `            - { name: DRAWBRIDGE_REPORT_URL, value: "${options.reportUrl}" }` : ""}
          volumeMounts: [{ name: aws-config, mountPath: /etc/aws }]
      volumes: [{ name: aws-config, configMap: { name: api-aws-config } }]
`;
}

const chainedProfile = (first: string) => `${first}
[profile b]
role_arn = ${target}
external_id = ${externalId}
region = ${region}
`;

const denied = ["other-service-account", "other-namespace", "other-cluster"].map((who) =>
  expect.objectContaining({ who, outcome: "denied" }),
);

describe("a played pod", () => {
  it("becomes a role in B by its token", { timeout: 60_000 }, async () => {
    await seed({
      b: [{ name: "target", trust: irsaTrust(accountB), policies: [{ name: "d", document: data }] }],
      providers: ["b"],
    });
    const { report, ok } = await playPod(manifest({ annotation: target }), sandbox.url);
    expect(report.checks.map((check) => [check.outcome, check.detail])).toEqual(
      Array(5).fill(["allowed", ""]),
    );
    expect(report.identity).toMatch(`arn:aws:sts::${accountB}:assumed-role/target/`);
    expect(report.impostors).toEqual(denied);
    expect(ok).toBe(true);
    expect(podReportSchema.parse(report)).toEqual(report);
  });

  it("chains from A to B by the profile of the AWS config", { timeout: 60_000 }, async () => {
    await seed({
      a: [{ name: "source", trust: irsaTrust(accountA), policies: [{ name: "step", document: step }] }],
      b: [{ name: "target", trust: chainTrust, policies: [{ name: "d", document: data }] }],
      providers: ["a"],
    });
    const config = `${chainedProfile(`[profile identity]
role_arn = ${source}
web_identity_token_file = /var/run/secrets/eks.amazonaws.com/serviceaccount/token
`)}source_profile = identity\n`;
    const { report, ok } = await playPod(manifest({ annotation: source, config, profile: "b" }), sandbox.url);
    expect(report.checks.map((check) => [check.outcome, check.detail])).toEqual(
      Array(5).fill(["allowed", ""]),
    );
    expect(report.impostors).toEqual(denied);
    expect(ok).toBe(true);
  });

  it("gets a target role from the Pod Identity agent", { timeout: 60_000 }, async () => {
    await seed({
      a: [{ name: "source", trust: podTrust, policies: [{ name: "step", document: step }] }],
      b: [
        {
          name: "target",
          trust: only({
            Effect: "Allow",
            Principal: { AWS: source },
            Action: ["sts:AssumeRole", "sts:TagSession"],
          }),
          policies: [{ name: "d", document: data }],
        },
      ],
      associations: [{ namespace: "pay", serviceAccount: "api", roleArn: source, targetRoleArn: target }],
    });
    const { report, ok } = await playPod(manifest({}), sandbox.url);
    expect(report.identity).toMatch(`arn:aws:sts::${accountB}:assumed-role/target/eks-blue-`);
    expect(report.impostors).toEqual(denied);
    expect(ok).toBe(true);
  });

  it("chains from Pod Identity inside the pod", { timeout: 60_000 }, async () => {
    await seed({
      a: [{ name: "source", trust: podTrust, policies: [{ name: "step", document: step }] }],
      b: [{ name: "target", trust: chainTrust, policies: [{ name: "d", document: data }] }],
      associations: [{ namespace: "pay", serviceAccount: "api", roleArn: source }],
    });
    const config = `${chainedProfile("")}credential_source = EcsContainer\n`;
    const { report, ok } = await playPod(manifest({ config, profile: "b" }), sandbox.url);
    expect(report.checks.map((check) => [check.outcome, check.detail])).toEqual(
      Array(5).fill(["allowed", ""]),
    );
    expect(report.impostors).toEqual(denied);
    expect(ok).toBe(true);
  });

  it("tells when an impostor gets in", { timeout: 60_000 }, async () => {
    await seed({
      b: [{ name: "target", trust: irsaTrust(accountB, false), policies: [{ name: "d", document: data }] }],
      providers: ["b"],
    });
    const { report, ok } = await playPod(manifest({ annotation: target }), sandbox.url);
    expect(ok).toBe(false);
    expect(report.impostors.map((one) => one.outcome)).toEqual(["allowed", "allowed", "denied"]);
  });

  it("reports to the address in the manifest", { timeout: 60_000 }, async () => {
    await seed({
      b: [{ name: "target", trust: irsaTrust(accountB), policies: [{ name: "d", document: data }] }],
      providers: ["b"],
    });
    const bodies: string[] = [];
    let port = 0;
    const portal = createServer((request, response) => {
      if (request.method === "GET") {
        response.end(manifest({ annotation: target, reportUrl: `http://127.0.0.1:${port}/report` }));
        return;
      }
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => {
        bodies.push(body);
        response.end();
      });
    });
    await new Promise<void>((resolve) => portal.listen(0, "127.0.0.1", resolve));
    const address = portal.address();
    port = typeof address === "object" && address ? address.port : 0;
    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    const child = spawn(process.execPath, [
      main,
      "--url",
      `http://127.0.0.1:${port}/m`,
      "--sandbox",
      sandbox.url,
    ]);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    portal.close();
    expect(output).toContain("Everything is as it must be.");
    expect(code).toBe(0);
    expect(podReportSchema.parse(JSON.parse(bodies[0] ?? ""))).toMatchObject({ source: "sandbox-pod" });
  });
});
