import * as iam from "@aws-sdk/client-iam";
import type { Access } from "../authorise.ts";
import { encodedDocument, iamDocumentErrors, readDocument } from "../documents.ts";
import { uniqueId } from "../identifiers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import { limits, sizeWithoutWhitespace } from "../quotas.ts";
import type { ManagedPolicy } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import {
  accountOf,
  checkDescription,
  checkName,
  checkPath,
  page,
  readTags,
  requestTags,
  tagList,
} from "./iam-names.ts";

function policyOrThrow(call: Call, arn: string | undefined): ManagedPolicy {
  const policy = accountOf(call).policies[arn ?? ""];
  if (policy) return policy;
  throw new AwsError("NoSuchEntity", `Policy ${arn} was not found.`, 404);
}

function attachmentCount(call: Call, arn: string): number {
  const { roles, users } = accountOf(call);
  return (
    Object.values(roles).filter((role) => role.attached[arn]).length +
    Object.values(users).filter((user) => user.attached.includes(arn)).length
  );
}

function boundaryCount(call: Call, arn: string): number {
  return Object.values(accountOf(call).roles).filter((role) => role.boundaryArn === arn).length;
}

function present(call: Call, policy: ManagedPolicy): iam.Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: "v1",
    AttachmentCount: attachmentCount(call, policy.arn),
    PermissionsBoundaryUsageCount: boundaryCount(call, policy.arn),
    IsAttachable: true,
    ...(policy.description && { Description: policy.description }),
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.createdAt),
    Tags: tagList(policy.tags),
  };
}

function access(call: Call, action: string, arn: string, context: Access["context"] = {}): Access[] {
  return [{ action: `iam:${action}`, resource: arn, resourceAccount: call.accountId, context }];
}

function createPolicy(
  call: Call,
  input: iam.CreatePolicyCommandInput,
): Output<iam.CreatePolicyCommandOutput> {
  const account = accountOf(call);
  const name = checkName("policyName", input.PolicyName ?? "", 128);
  const path = checkPath(input.Path);
  const arn = `arn:${account.partition}:iam::${account.id}:policy${path}${name}`;
  const taken = Object.values(account.policies).some((one) => one.name.toLowerCase() === name.toLowerCase());
  if (taken)
    throw new AwsError(
      "EntityAlreadyExists",
      `A policy called ${name} already exists. Duplicate names are not allowed.`,
      409,
    );
  if (Object.keys(account.policies).length >= account.quotas.managedPolicies) {
    throw new AwsError(
      "LimitExceeded",
      `Cannot exceed quota for PoliciesPerAccount: ${account.quotas.managedPolicies}`,
      409,
    );
  }
  const text = input.PolicyDocument ?? "";
  if (sizeWithoutWhitespace(text) > limits.managedPolicySize) {
    throw new AwsError(
      "LimitExceeded",
      `Cannot exceed quota for PolicySize: ${limits.managedPolicySize}`,
      409,
    );
  }
  const policy: ManagedPolicy = {
    name,
    path,
    arn,
    id: uniqueId("managedPolicy"),
    description: checkDescription(input.Description),
    createdAt: call.now,
    document: readDocument(call.sandbox, text, "identity", iamDocumentErrors),
    tags: readTags(input.Tags),
  };
  account.policies[arn] = policy;
  return { Policy: present(call, policy) };
}

export const policyOperations: Operation[] = [
  operation(iam.CreatePolicy$, {
    access: (call, input: iam.CreatePolicyCommandInput) =>
      access(
        call,
        "CreatePolicy",
        `arn:${accountOf(call).partition}:iam::${call.accountId}:policy${input.Path ?? "/"}${input.PolicyName}`,
        requestTags(input.Tags),
      ),
    handle: createPolicy,
  }),
  operation(iam.GetPolicy$, {
    access: (call, input: iam.GetPolicyCommandInput) => access(call, "GetPolicy", input.PolicyArn ?? ""),
    handle: (call, input: iam.GetPolicyCommandInput): Output<iam.GetPolicyCommandOutput> => ({
      Policy: present(call, policyOrThrow(call, input.PolicyArn)),
    }),
  }),
  operation(iam.GetPolicyVersion$, {
    access: (call, input: iam.GetPolicyVersionCommandInput) =>
      access(call, "GetPolicyVersion", input.PolicyArn ?? ""),
    handle: (call, input: iam.GetPolicyVersionCommandInput): Output<iam.GetPolicyVersionCommandOutput> => {
      const policy = policyOrThrow(call, input.PolicyArn);
      if (input.VersionId !== "v1") {
        throw new AwsError(
          "NoSuchEntity",
          `Policy ${policy.arn} version ${input.VersionId} does not exist.`,
          404,
        );
      }
      return {
        PolicyVersion: {
          VersionId: "v1",
          IsDefaultVersion: true,
          CreateDate: new Date(policy.createdAt),
          Document: encodedDocument(call.sandbox, policy.document),
        },
      };
    },
  }),
  operation(iam.DeletePolicy$, {
    access: (call, input: iam.DeletePolicyCommandInput) =>
      access(call, "DeletePolicy", input.PolicyArn ?? ""),
    handle: (call, input: iam.DeletePolicyCommandInput): object => {
      const policy = policyOrThrow(call, input.PolicyArn);
      if (attachmentCount(call, policy.arn) + boundaryCount(call, policy.arn) > 0) {
        throw new AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
      }
      delete accountOf(call).policies[policy.arn];
      return {};
    },
  }),
  operation(iam.ListPolicies$, {
    access: (call) => access(call, "ListPolicies", "*"),
    handle: (call, input: iam.ListPoliciesCommandInput): Output<iam.ListPoliciesCommandOutput> => {
      const found = Object.values(accountOf(call).policies)
        .filter((policy) => policy.path.startsWith(input.PathPrefix ?? "/"))
        .filter((policy) => !input.OnlyAttached || attachmentCount(call, policy.arn) > 0)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, ...rest } = page(found, input.Marker, input.MaxItems);
      return { Policies: items.map((policy) => present(call, policy)), ...rest };
    },
  }),
];
