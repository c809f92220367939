import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant, PresetLevel } from "#lib/model/grant.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { type CallerPrincipal, evaluate, evaluateTrust, type NamedPolicy } from "#lib/policy/evaluate.ts";
import { principalContext } from "#lib/policy/principals.ts";
import { desiredResources } from "../desired-resources.ts";
import { chainExternalId } from "../names.ts";
import {
  away,
  bucketArn,
  estate,
  grant,
  home,
  homeBucketArn,
  homeQueueArn,
  identity,
  issuer,
  otherIssuer,
  queueArn,
  third,
  workload,
} from "../testing/organisation.ts";
import { workloadAccess } from "../workload-access.ts";

/**
 * What the documents amount to, by the evaluator: this workload may do exactly what its level says, and nobody else
 * may anything. The walk is the one that a pod makes: token or agent, role, chained role, resource.
 */

interface Pod {
  accountId: string;
  cluster: string;
  issuer: string;
  namespace: string;
  serviceAccount: string;
}

type Role = CloudResource<"role">;
type Session = { role: Role; principal: CallerPrincipal; tags: Record<string, string> };

const now = "2026-11-01T00:00:00Z";

function rolesOf(resources: CloudResource[]): Role[] {
  return resources.filter((one): one is Role => one.kind === "role");
}

function session(role: Role, tags: Record<string, string> = {}): Session {
  const { accountId, body } = role;
  const principal: CallerPrincipal = {
    kind: "role-session",
    roleArn: role.key,
    roleId: "AROAEXAMPLE000000001",
    sessionArn: `arn:aws:sts::${accountId}:assumed-role/${body.name}/pod`,
    accountId,
  };
  return { role, principal, tags };
}

function policiesOf(resources: CloudResource[], role: Role): NamedPolicy[] {
  return resources.flatMap((one) =>
    one.kind === "role-policy" && one.key.startsWith(`${role.key}#`)
      ? [{ name: one.body.policyName, document: one.body.document }]
      : [],
  );
}

function trusts(
  role: Role,
  principal: CallerPrincipal,
  action: string,
  context: Record<string, string | string[]>,
  identity: NamedPolicy[] = [],
): boolean {
  const request = { principal, action, resource: role.key, resourceAccount: role.accountId, context };
  const policies = { identity, resource: { name: "trust", document: role.body.trust } };
  return evaluateTrust(request, policies).effect === "allow";
}

function tagContext(tags: Record<string, string>): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = { "aws:TagKeys": Object.keys(tags) };
  for (const [key, value] of Object.entries(tags)) context[`aws:RequestTag/${key}`] = value;
  return context;
}

/** Every session that a pod's own token or the agent on its node can give it. */
function firstSessions(resources: CloudResource[], pod: Pod): Session[] {
  const byToken = rolesOf(resources).filter((role) =>
    trusts(
      role,
      { kind: "federated", provider: `arn:aws:iam::${role.accountId}:oidc-provider/${pod.issuer}` },
      "sts:AssumeRoleWithWebIdentity",
      {
        [`${pod.issuer}:aud`]: "sts.amazonaws.com",
        [`${pod.issuer}:sub`]: `system:serviceaccount:${pod.namespace}:${pod.serviceAccount}`,
      },
    ),
  );
  const tags = {
    "eks-cluster-arn": `arn:aws:eks:eu-west-1:${pod.accountId}:cluster/${pod.cluster}`,
    "eks-cluster-name": pod.cluster,
    "kubernetes-namespace": pod.namespace,
    "kubernetes-service-account": pod.serviceAccount,
    "kubernetes-pod-name": "pod-1",
    "kubernetes-pod-uid": "0b7e",
  };
  const agent: CallerPrincipal = { kind: "service", service: "pods.eks.amazonaws.com" };
  // Somebody may have associated any role with any service account: the trust alone has to refuse.
  const byAgent = rolesOf(resources).filter((role) =>
    ["sts:AssumeRole", "sts:TagSession"].every((action) => trusts(role, agent, action, tagContext(tags))),
  );
  return [...byToken.map((role) => session(role)), ...byAgent.map((role) => session(role, tags))];
}

/** The roles that a session can go on to. */
function nextSessions(resources: CloudResource[], from: Session, externalId: string): Session[] {
  const tagged = Object.keys(from.tags).length > 0;
  const context = {
    ...principalContext(from.principal),
    "sts:ExternalId": externalId,
    ...(tagged ? tagContext(from.tags) : {}),
  };
  const actions = tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
  return rolesOf(resources)
    .filter((role) =>
      actions.every((action) =>
        trusts(role, from.principal, action, context, policiesOf(resources, from.role)),
      ),
    )
    .map((role) => session(role, from.tags));
}

interface Attempt {
  action: string;
  resource: string;
  account: string;
  context?: Record<string, string>;
}

function may(resources: CloudResource[], by: Session, attempt: Attempt): boolean {
  const { action, resource, account, context = {} } = attempt;
  const statements = resources.flatMap((one) =>
    one.kind === "resource-policy-statements" &&
    (resource === one.body.resourceArn || resource.startsWith(`${one.body.resourceArn}/`))
      ? one.body.statements
      : [],
  );
  const request = {
    principal: by.principal,
    action,
    resource,
    resourceAccount: account,
    context: {
      ...principalContext(by.principal),
      "aws:CurrentTime": now,
      "aws:ResourceAccount": account,
      ...context,
    },
  };
  return (
    evaluate(request, {
      identity: policiesOf(resources, by.role),
      ...(statements.length > 0
        ? {
            resource: { name: "policy", document: { Version: "2012-10-17" as const, Statement: statements } },
          }
        : {}),
    }).effect === "allow"
  );
}

const me: Pod = {
  accountId: home,
  cluster: "prod",
  issuer,
  namespace: "payments",
  serviceAccount: "reports",
};
const onAgents: Pod = { ...me, cluster: "agents", issuer: otherIssuer };
const pod = workload({ cluster: "agents" });

const variants: Record<string, { pod: Pod; grant: Partial<Grant>; homeTarget?: boolean }> = {
  irsa: { pod: me, grant: { pattern: "irsa" }, homeTarget: true },
  "OIDC federation": { pod: me, grant: { pattern: "oidc-federation" } },
  "role chaining": { pod: me, grant: { pattern: "role-chaining" } },
  "role chaining from Pod Identity": {
    pod: onAgents,
    grant: { pattern: "role-chaining", workload: pod, identity: identity("pod-identity") },
  },
  "resource policy": { pod: me, grant: { pattern: "resource-policy" } },
  "resource policy from Pod Identity": {
    pod: onAgents,
    grant: { pattern: "resource-policy", workload: pod, identity: identity("pod-identity") },
  },
  "Pod Identity": { pod: onAgents, grant: { pattern: "pod-identity", workload: pod }, homeTarget: true },
  "Pod Identity with target": {
    pod: onAgents,
    grant: { pattern: "pod-identity", workload: pod, identity: identity("pod-identity-target", away) },
  },
};

const s3Actions: Record<PresetLevel, string[]> = {
  read: ["s3:GetObject", "s3:ListBucket"],
  write: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
  "read-write": [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
  ],
};
const onEveryQueue = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"];
const consume = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"];
const sqsActions: Record<PresetLevel, string[]> = {
  read: [...consume, ...onEveryQueue],
  write: [...onEveryQueue, "sqs:SendMessage"],
  "read-write": [...consume, ...onEveryQueue, "sqs:SendMessage"],
};

/** Actions that no level has, beside all that some level has. */
const probed = [
  ...new Set([...Object.values(s3Actions).flat(), ...Object.values(sqsActions).flat()]),
  "s3:PutBucketPolicy",
  "s3:DeleteBucket",
  "s3:PutObjectAcl",
  "s3:GetBucketPolicy",
  "s3:GetObjectVersion",
  "s3:PutLifecycleConfiguration",
  "sqs:SetQueueAttributes",
  "sqs:PurgeQueue",
  "sqs:DeleteQueue",
  "sqs:AddPermission",
  "iam:PassRole",
  "iam:PutRolePolicy",
  "kms:Decrypt",
  "kms:CreateGrant",
];

/** The pod's last session, as its AWS config leads it there. */
function reach(resources: CloudResource[], who: Pod, asked: Grant): Session[] {
  const externalId = chainExternalId("acme", asked.workload, asked.target.accountId);
  const first = firstSessions(resources, who);
  return [...first, ...first.flatMap((one) => nextSessions(resources, one, externalId))];
}

const matrix = Object.entries(variants).flatMap(([name, variant]) =>
  (["s3", "s3 prefix", "sqs"] as const).flatMap((service) =>
    (["read", "write", "read-write"] as const).map((level) => ({
      name: `${name}, ${service}, ${level}`,
      ...variant,
      service,
      level,
    })),
  ),
);

describe.each(matrix)("$name", ({ pod: who, grant: more, homeTarget, service, level }) => {
  const accountId = homeTarget ? home : away;
  const arn =
    service === "sqs" ? (homeTarget ? homeQueueArn : queueArn) : homeTarget ? homeBucketArn : bucketArn;
  const subResource = service === "s3 prefix" ? "exports/2026" : null;
  const asked = grant({ ...more, level, subResource, target: { arn, accountId } });
  const resources = desiredResources([asked], estate());

  function attempt(action: string, more: Partial<Attempt> = {}): Attempt {
    const under = subResource ? `${subResource}/` : "";
    const object = /Object|Multipart/.test(action);
    return {
      action,
      resource: object ? `${arn}/${under}report.csv` : arn,
      account: accountId,
      ...(action === "s3:ListBucket" ? { context: { "s3:prefix": under } } : {}),
      ...more,
    };
  }

  const allowed = (sessions: Session[], more: Partial<Attempt> = {}) =>
    probed.filter((action) => sessions.some((one) => may(resources, one, attempt(action, more)))).sort();

  it("lets the workload do exactly what its level says", () => {
    const expected = service === "sqs" ? sqsActions[level] : s3Actions[level];
    expect(allowed(reach(resources, who, asked))).toEqual([...expected].sort());
  });

  it("ends in the role that the pod's config names", () => {
    const { profiles, roleArn } = workloadAccess([asked], estate());
    const last = reach(resources, who, asked).map(({ role }) => role.key);
    expect(last).toContain(profiles[0]?.roleArn ?? roleArn);
  });

  it("gives nobody else a first session", () => {
    const others: Pod[] = [
      { ...who, serviceAccount: "other" },
      { ...who, serviceAccount: `${who.serviceAccount}-2` },
      { ...who, namespace: "other" },
      { ...who, namespace: `${who.namespace}:x` },
      { ...who, cluster: "other", issuer: "oidc.eks.eu-west-1.amazonaws.com/id/FFFF" },
      { ...who, accountId: third, issuer: "oidc.eks.eu-west-1.amazonaws.com/id/EEEE" },
    ];
    for (const other of others) expect(reach(resources, other, asked)).toEqual([]);
  });

  it("lets no other role go on, whatever it is allowed itself", () => {
    const anything: NamedPolicy = {
      name: "admin",
      document: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } },
    };
    const context = {
      "sts:ExternalId": chainExternalId("acme", asked.workload, accountId),
      "aws:TagKeys": [],
    };
    for (const role of rolesOf(resources))
      for (const account of [home, away, third]) {
        const body = { ...role.body, name: "intruder" };
        const { principal } = session({
          ...role,
          accountId: account,
          key: `arn:aws:iam::${account}:role/intruder`,
          body,
        });
        expect(
          trusts(role, principal, "sts:AssumeRole", { ...principalContext(principal), ...context }, [
            anything,
          ]),
        ).toBe(false);
      }
  });

  it("gives nothing outside the target", () => {
    const sessions = reach(resources, who, asked);
    const elsewhere = service === "sqs" ? `${arn}-2` : `${arn}-2/report.csv`;
    expect(allowed(sessions, { resource: elsewhere })).toEqual([]);
    if (subResource) {
      expect(allowed(sessions, { resource: `${arn}/exports/2026-secret/report.csv` })).toEqual([]);
      expect(
        sessions.some((one) =>
          may(resources, one, { action: "s3:ListBucket", resource: arn, account: accountId }),
        ),
      ).toBe(false);
    }
    // The bucket's name was given up and taken by somebody else.
    if (service !== "sqs") expect(allowed(sessions, { account: third })).toEqual([]);
  });

  it("ends when the grant does, on the identity's side alone", () => {
    const ended = desiredResources([{ ...asked, expiresAt: "2026-10-31T00:00:00Z" }], estate());
    const openEnded = resources.filter((one) => one.kind === "resource-policy-statements");
    const ending = [...ended.filter((one) => one.kind !== "resource-policy-statements"), ...openEnded];
    const sessions = reach(ending, who, asked);
    expect(sessions.length).toBeGreaterThan(0);
    expect(probed.filter((action) => sessions.some((one) => may(ending, one, attempt(action))))).toEqual([]);
  });
});

describe("from IRSA", () => {
  it("a chain carries no tags: a pod could invent them", () => {
    const resources = desiredResources([grant({ pattern: "role-chaining" })], estate());
    for (const role of rolesOf(resources))
      for (const trust of statementsOf(role.body.trust))
        expect(JSON.stringify(trust)).not.toContain("TagSession");
  });

  it("the target role refuses its own source role without the ExternalId", () => {
    const asked = grant({ pattern: "role-chaining" });
    const resources = desiredResources([asked], estate());
    const [first] = firstSessions(resources, me);
    if (!first) throw new Error("no session");
    expect(nextSessions(resources, first, chainExternalId("acme", asked.workload, away))).toHaveLength(1);
    expect(nextSessions(resources, first, "another")).toEqual([]);
  });
});
