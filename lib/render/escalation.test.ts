import { describe, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { everyPattern } from "#lib/desired/testing/every-pattern.ts";
import { account, away, estate, home } from "#lib/desired/testing/organisation.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { evaluate, type NamedPolicy, type PolicySet } from "#lib/policy/evaluate.ts";
import { roleSession } from "#lib/policy/intended.ts";
import { escalationPaths } from "#lib/policy/testing/escalation-paths.ts";
import { boundaryPolicy, provisionerPolicy } from "./onboarding.ts";

/**
 * Nobody who takes over the provisioner, or a role that it made, gets to more than these may: every published way,
 * tried on everything that it would have to be tried on. Context keys that the attacker may choose are left open, so
 * that a statement which could apply counts as one that does.
 */

const { installation } = estate();
const inAway = account(away);
const iam = `arn:aws:iam::${away}`;
const admin = `${iam}:role/admin`;
const othersRole = `${iam}:role/drawbridge/another-installation/pay-1`;
const ourRole = `${iam}:role/drawbridge/${installation}/pay-1`;

type Context = Record<string, string>;

/** On what an action leads further; one of them is enough. */
interface Prize {
  resource: string;
  context?: Context;
}

/** Writes of roles: those of others, the provisioner itself, and ours without the boundary or under another one. */
const roles = (self: string): Prize[] => [
  { resource: admin },
  { resource: othersRole },
  { resource: self },
  { resource: ourRole, context: { "iam:PermissionsBoundary": "" } },
  {
    resource: ourRole,
    context: { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
  },
];

const users: Prize[] = [{ resource: `${iam}:user/root-like` }, { resource: `${iam}:user/ci` }];

/** By action; everything else leads further on any resource at all. */
const prizes: Record<string, (self: string) => Prize[]> = {
  "iam:PassRole": (self) => [
    { resource: admin },
    { resource: othersRole },
    { resource: self },
    // A role of ours is passed to Pod Identity, and to nothing that runs somebody's code.
    { resource: ourRole, context: { "iam:PassedToService": "lambda.amazonaws.com" } },
    { resource: ourRole, context: { "iam:PassedToService": "ec2.amazonaws.com" } },
  ],
  "iam:PutRolePolicy": roles,
  "iam:AttachRolePolicy": roles,
  "iam:UpdateAssumeRolePolicy": roles,
  "iam:CreatePolicyVersion": () => [{ resource: inAway.boundaryArn }, { resource: `${iam}:policy/admins` }],
  "iam:CreateAccessKey": () => users,
  "iam:DeleteAccessKey": () => users,
  "iam:CreateLoginProfile": () => users,
  "iam:UpdateLoginProfile": () => users,
  "iam:PutUserPolicy": () => users,
  "iam:AttachUserPolicy": () => users,
  "iam:PutGroupPolicy": () => [{ resource: `${iam}:group/admins` }],
  "iam:AttachGroupPolicy": () => [{ resource: `${iam}:group/admins` }],
  "iam:AddUserToGroup": () => [{ resource: `${iam}:group/admins` }],
  "sts:AssumeRole": () => [
    { resource: admin },
    { resource: othersRole },
    { resource: inAway.provisionerRoleArn },
  ],
};

const anything = (action: string): Prize[] => {
  const service = action.split(":")[0];
  return [{ resource: `arn:aws:${service}:eu-west-1:${away}:function:admin` }, { resource: "*" }];
};

function leads(action: string, self: string, policies: PolicySet): boolean {
  return (prizes[action]?.(self) ?? anything(action)).some(({ resource, context = {} }) => {
    const principal = roleSession(self, "attacker");
    const chosen = Object.keys(context);
    const request = { principal, action, resource, resourceAccount: away, context };
    const { effect } = evaluate({ ...request, unknownKeys: unknownBut(chosen) }, policies);
    return effect === "allow" || effect === "unknown";
  });
}

/** What the attacker may choose, but for what the row has chosen. */
function unknownBut(chosen: readonly string[]): string[] {
  return [
    "aws:RequestTag/*",
    "aws:ResourceTag/*",
    "iam:PassedToService",
    "iam:PermissionsBoundary",
    "kms:*",
  ].filter((key) => !chosen.includes(key));
}

/** The published ways that are open to who holds these policies. */
function open(self: string, policies: PolicySet): string[] {
  return Object.entries(escalationPaths)
    .filter(([, actions]) => actions.every((action) => leads(action, self, policies)))
    .map(([id]) => id);
}

const named = (name: string, document: PolicyDocument): NamedPolicy => ({ name, document });
const all = Object.keys(escalationPaths);
const everything = named("admin", {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

describe("the provisioner of an account", () => {
  const policy = provisionerPolicy(inAway, installation, ["eu-west-1", "eu-central-1"]);

  it("has none of the published ways to more permissions", () => {
    expect(open(inAway.provisionerRoleArn, { identity: [named("provisioner", policy)] })).toEqual([]);
  });

  // Removed one by one, so that the test can fail: what each of them is there for.
  const without: [what: string, change: (statement: Statement) => Statement | null, opens: string[]][] = [
    [
      "the boundary that its writes of roles demand, and the denial that repeats it",
      (one) =>
        one.Sid === "NeverWithoutTheBoundary"
          ? null
          : one.Sid === "WriteOurRolesUnderTheBoundary"
            ? { ...one, Condition: {} }
            : one,
      ["iam-005", "iam-012", "iam-021"],
    ],
    [
      "the path that its writes of roles are held to, and the denials",
      (one) =>
        one.Effect === "Deny"
          ? null
          : one.Sid === "WriteOurRolesUnderTheBoundary"
            ? { ...one, Resource: "*" }
            : one,
      ["iam-005", "iam-012", "iam-021"],
    ],
  ];
  it.each(without)("would have some without %s", (_, change, opens) => {
    const Statement = (policy.Statement as Statement[]).flatMap((one) => change(one) ?? []);
    const weaker = named("provisioner", { ...policy, Statement });
    expect(open(inAway.provisionerRoleArn, { identity: [weaker] })).toEqual(opens);
  });
});

describe("a role that Drawbridge made", () => {
  const boundary = named("boundary", boundaryPolicy(inAway, installation));
  const minted = everyPattern.flatMap(({ name, asked }) =>
    rolesOf(name, desiredResources([asked], estate())),
  );

  it("is made by every pattern that makes one", () => {
    expect(minted.length).toBeGreaterThan(15);
  });

  it.each(minted)("%s has none of the published ways, by its own policies alone", (_, { arn, identity }) => {
    expect(open(arn, { identity })).toEqual([]);
  });

  it.each(minted)(
    "%s has none under the boundary, had somebody made it an administrator",
    (_, { arn, identity }) => {
      expect(open(arn, { identity: [...identity, everything], boundary })).toEqual([]);
    },
  );

  it("would have all of them as an administrator without the boundary", () => {
    expect(open(ourRole, { identity: [everything] })).toEqual(all);
  });
});

function rolesOf(
  pattern: string,
  desired: readonly CloudResource[],
): [name: string, role: { arn: string; identity: NamedPolicy[] }][] {
  return desired
    .filter(({ kind }) => kind === "role")
    .map(({ key: arn, accountId }) => {
      const where = accountId === home ? "the cluster's" : "the target's";
      const identity = desired.flatMap((one) =>
        one.kind === "role-policy" && one.key.startsWith(`${arn}#`)
          ? [named(one.key, one.body.document)]
          : [],
      );
      return [`${pattern}, the role in ${where} account,`, { arn, identity }];
    });
}
