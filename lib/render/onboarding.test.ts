import { describe, expect, it } from "vitest";
import { viaService } from "#lib/desired/services/service.ts";
import { listOf, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { type Decision, evaluate, evaluateTrust } from "#lib/policy/evaluate.ts";
import { roleSession } from "#lib/policy/intended.ts";
import { boundaryPolicy, provisionerPolicy, provisionerTrust, workerPolicy } from "./onboarding.ts";

const account = {
  id: "444455556666",
  partition: "aws" as const,
  provisionerRoleArn: "arn:aws:iam::444455556666:role/drawbridge-provisioner",
  boundaryArn: "arn:aws:iam::444455556666:policy/drawbridge-boundary",
  regions: ["eu-west-1", "us-east-1"],
};
const ourRole = "arn:aws:iam::444455556666:role/drawbridge/acme/pay-1";
const policy = provisionerPolicy(account, "acme", ["eu-west-1", "eu-central-1"]);

type Context = Record<string, string | string[]>;

function session(roleArn: string) {
  const accountId = roleArn.split(":")[4] ?? "";
  const sessionArn = `arn:aws:sts::${accountId}:assumed-role/${roleArn.split("/").at(-1)}/s`;
  return { kind: "role-session" as const, roleArn, roleId: "AROAEXAMPLE", sessionArn, accountId };
}

function may(
  document: PolicyDocument,
  action: string,
  resource: string,
  context: Context = {},
): Decision["effect"] {
  const principal = session(account.provisionerRoleArn);
  const request = { principal, action, resource, resourceAccount: account.id, context };
  return evaluate(request, { identity: [{ name: "policy", document }] }).effect;
}

const bounded = { "iam:PermissionsBoundary": account.boundaryArn };
const otherwiseBounded = { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" };
const passed = { "iam:PassedToService": "pods.eks.amazonaws.com" };
const issuer = (host: string) => `arn:aws:iam::444455556666:oidc-provider/${host}`;
const eksIssuer = issuer("oidc.eks.eu-central-1.amazonaws.com/id/ABC");
const association = "arn:aws:eks:eu-west-1:444455556666:podidentityassociation/c/a-1";
const requestTag = { "aws:RequestTag/drawbridge:installation": "acme" };
const ourTag = { "aws:ResourceTag/drawbridge:installation": "acme" };

describe("provisionerPolicy", () => {
  const allowed: [string, string, Context][] = [
    ["iam:CreateRole", ourRole, bounded],
    ["iam:UpdateAssumeRolePolicy", ourRole, bounded],
    ["iam:PutRolePolicy", ourRole, bounded],
    ["iam:DeleteRole", ourRole, bounded],
    ["iam:DeleteRolePolicy", ourRole, bounded],
    ["iam:DetachRolePolicy", ourRole, bounded],
    // The key holds the boundary that is asked for, whatever the role has.
    ["iam:PutRolePermissionsBoundary", ourRole, bounded],
    ["iam:GetRole", "arn:aws:iam::444455556666:role/somebody/pay-1", {}],
    ["iam:PassRole", ourRole, passed],
    ["iam:CreateOpenIDConnectProvider", eksIssuer, requestTag],
    ["iam:TagOpenIDConnectProvider", eksIssuer, requestTag],
    ["iam:DeleteOpenIDConnectProvider", eksIssuer, ourTag],
    ["eks:CreatePodIdentityAssociation", "arn:aws:eks:eu-west-1:444455556666:cluster/c", {}],
    ["eks:DescribePodIdentityAssociation", association, {}],
    ["eks:UpdatePodIdentityAssociation", association, ourTag],
    ["eks:DeletePodIdentityAssociation", association, ourTag],
    ["eks:TagResource", association, requestTag],
    ["eks:UntagResource", association, ourTag],
    ["s3:PutBucketPolicy", "arn:aws:s3:::b", { "aws:ResourceAccount": account.id }],
    ["sqs:SetQueueAttributes", "arn:aws:sqs:eu-west-1:444455556666:q", {}],
    ["kms:DescribeKey", "arn:aws:kms:eu-west-1:444455556666:key/k", {}],
    ["kms:GetKeyPolicy", "arn:aws:kms:eu-west-1:444455556666:key/k", {}],
    ["access-analyzer:ValidatePolicy", "*", {}],
    ["access-analyzer:CheckNoNewAccess", "*", {}],
  ];
  it.each(allowed)("allows %s on %s", (action, resource, context) => {
    expect(may(policy, action, resource, context)).toBe("allow");
  });

  const ownRole = account.provisionerRoleArn;
  const refused: [string, string, Context][] = [
    ["iam:CreateRole", ourRole, {}],
    ["iam:CreateRole", ourRole, otherwiseBounded],
    ["iam:PutRolePolicy", ourRole, {}],
    // A policy that is taken off may have been a Deny, of others or of a retiring role.
    ["iam:DeleteRolePolicy", ourRole, {}],
    ["iam:DeleteRolePolicy", ourRole, otherwiseBounded],
    ["iam:DetachRolePolicy", ourRole, otherwiseBounded],
    ["iam:PutRolePermissionsBoundary", ourRole, otherwiseBounded],
    ["iam:PutRolePermissionsBoundary", "arn:aws:iam::444455556666:role/admin", bounded],
    ["iam:CreateRole", "arn:aws:iam::444455556666:role/drawbridge/other/pay-1", bounded],
    ["iam:PutRolePolicy", "arn:aws:iam::444455556666:role/admin", bounded],
    [
      "iam:AttachRolePolicy",
      ourRole,
      { ...bounded, "iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess" },
    ],
    ["iam:DeleteRolePermissionsBoundary", ourRole, bounded],
    ["iam:PutRolePolicy", ownRole, bounded],
    ["iam:UpdateAssumeRolePolicy", ownRole, bounded],
    ["iam:CreatePolicyVersion", account.boundaryArn, {}],
    ["iam:SetDefaultPolicyVersion", account.boundaryArn, {}],
    ["iam:DeletePolicy", account.boundaryArn, {}],
    ["iam:PassRole", ourRole, { "iam:PassedToService": "lambda.amazonaws.com" }],
    ["iam:PassRole", ownRole, passed],
    ["iam:CreateOpenIDConnectProvider", issuer("oidc.eks.evil.example/id/x"), requestTag],
    ["iam:CreateOpenIDConnectProvider", issuer("oidc.eks.eu-west-2.amazonaws.com/id/ABC"), requestTag],
    ["iam:CreateOpenIDConnectProvider", eksIssuer, {}],
    ["iam:DeleteOpenIDConnectProvider", eksIssuer, {}],
    [
      "iam:TagOpenIDConnectProvider",
      eksIssuer,
      { ...requestTag, "aws:ResourceTag/drawbridge:installation": "b" },
    ],
    ["eks:UpdatePodIdentityAssociation", association, {}],
    ["eks:DeletePodIdentityAssociation", association, {}],
    ["eks:UntagResource", association, {}],
    ["eks:TagResource", association, {}],
    ["eks:TagResource", association, { ...requestTag, "aws:ResourceTag/drawbridge:installation": "another" }],
    ["s3:PutBucketPolicy", "arn:aws:s3:::b", { "aws:ResourceAccount": "999999999999" }],
    ["s3:GetObject", "arn:aws:s3:::b/k", { "aws:ResourceAccount": account.id }],
    ["sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:444455556666:q", {}],
    ["kms:PutKeyPolicy", "arn:aws:kms:eu-west-1:444455556666:key/k", {}],
    ["kms:CreateGrant", "arn:aws:kms:eu-west-1:444455556666:key/k", {}],
    ["kms:Decrypt", "arn:aws:kms:eu-west-1:444455556666:key/k", {}],
    ["kms:GetKeyPolicy", "arn:aws:kms:eu-west-2:444455556666:key/k", {}],
    ["kms:GetKeyPolicy", "arn:aws:kms:eu-west-1:999999999999:key/k", {}],
    ["sts:AssumeRole", ourRole, {}],
    ["access-analyzer:CheckAccessNotGranted", "*", {}],
    ["access-analyzer:ListFindings", "*", {}],
  ];
  it.each(refused)("refuses %s on %s (%o)", (action, resource, context) => {
    expect(may(policy, action, resource, context)).not.toBe("allow");
  });

  it("fits into one inline policy, with ten Regions too", () => {
    const regions = Array.from({ length: 10 }, (_, index) => `ap-southeast-${index}`);
    const large = provisionerPolicy({ ...account, regions }, "a-long-installation-name", regions);
    expect(JSON.stringify(large).length).toBeLessThan(10_240);
  });

  it("uses China's names in China", () => {
    const china = provisionerPolicy(
      {
        id: account.id,
        partition: "aws-cn",
        provisionerRoleArn: account.provisionerRoleArn.replace("arn:aws:", "arn:aws-cn:"),
        boundaryArn: account.boundaryArn.replace("arn:aws:", "arn:aws-cn:"),
        regions: ["cn-north-1"],
      },
      "acme",
      ["cn-north-1"],
    );
    const text = JSON.stringify(china);
    expect(text).toContain("oidc.eks.cn-north-1.amazonaws.com.cn/id/*");
    expect(text).not.toContain("arn:aws:");
  });
});

describe("provisionerTrust", () => {
  const worker = "arn:aws:iam::999999999999:role/drawbridge-worker";
  const trust = provisionerTrust(worker, "a-random-external-id");
  const assume = (roleArn: string, action: string, context: Context) =>
    evaluateTrust(
      {
        principal: session(roleArn),
        action,
        resource: account.provisionerRoleArn,
        resourceAccount: account.id,
        context,
      },
      {
        identity: [{ name: "worker", document: workerPolicy([account.provisionerRoleArn]) }],
        resource: { name: "trust", document: trust },
      },
    ).effect;

  it("lets the worker in with the ExternalId, and name the request", () => {
    expect(assume(worker, "sts:AssumeRole", { "sts:ExternalId": "a-random-external-id" })).toBe("allow");
    expect(assume(worker, "sts:SetSourceIdentity", { "sts:SourceIdentity": "r1" })).toBe("allow");
  });

  it("lets nobody in without it, nor anybody else", () => {
    expect(assume(worker, "sts:AssumeRole", {})).not.toBe("allow");
    expect(assume(worker, "sts:AssumeRole", { "sts:ExternalId": "other" })).not.toBe("allow");
    const web = "arn:aws:iam::999999999999:role/drawbridge-web";
    expect(assume(web, "sts:AssumeRole", { "sts:ExternalId": "a-random-external-id" })).not.toBe("allow");
  });
});

describe("boundaryPolicy", () => {
  const boundary = boundaryPolicy(account, "acme");

  it("never reaches IAM, policies or keys' administration", () => {
    const actions = statementsOf(boundary).flatMap(({ Action }) => listOf(Action));
    expect(
      actions.filter((action) => /^iam:|Policy|\*|kms:(Put|Create|Schedule|Disable)/.test(action)),
    ).toEqual([]);
  });

  it("lets roles chain into this installation's roles only", () => {
    expect(may(boundary, "sts:AssumeRole", "arn:aws:iam::777777777777:role/drawbridge/acme/dst")).toBe(
      "allow",
    );
    expect(may(boundary, "sts:AssumeRole", "arn:aws:iam::777777777777:role/admin")).not.toBe("allow");
  });

  it("opens keys only through the services", () => {
    const key = "arn:aws:kms:eu-west-1:444455556666:key/k";
    expect(may(boundary, "kms:Decrypt", key, { "kms:ViaService": "s3.eu-west-1.amazonaws.com" })).toBe(
      "allow",
    );
    expect(may(boundary, "kms:Decrypt", key)).not.toBe("allow");
  });

  it("opens keys under both names that the services may have in China, and no others", () => {
    const china = boundaryPolicy({ partition: "aws-cn" }, "acme");
    const via = (name: string) =>
      evaluate(
        {
          principal: roleSession("arn:aws-cn:iam::444455556666:role/drawbridge/acme/pay-1"),
          action: "kms:Decrypt",
          resource: "arn:aws-cn:kms:cn-north-1:444455556666:key/k",
          resourceAccount: account.id,
          context: { "kms:ViaService": name },
        },
        { identity: [{ name: "boundary", document: china }] },
      ).effect;
    for (const service of ["s3", "sqs"])
      for (const name of [viaService(service, "cn-north-1", "aws-cn")].flat())
        expect(via(name)).toBe("allow");
    expect(via("rds.cn-north-1.amazonaws.com.cn")).not.toBe("allow");
    expect(JSON.stringify(boundary)).not.toContain("amazonaws.com.cn");
  });
});
