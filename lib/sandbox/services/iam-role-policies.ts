import * as iam from "@aws-sdk/client-iam";
import { documentText, encodedDocument, iamDocumentErrors, readDocument } from "../documents.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import { limits, sizeWithoutWhitespace } from "../quotas.ts";
import { type Role, supersede, visible } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { accountOf, boundaryContext, checkName, page, roleAccess, roleOrThrow } from "./iam-names.ts";

function putRolePolicy(call: Call, input: iam.PutRolePolicyCommandInput): object {
  const role = roleOrThrow(call, input.RoleName);
  const name = checkName("policyName", input.PolicyName ?? "", 128);
  const text = input.PolicyDocument ?? "";
  const others = Object.entries(role.inline)
    .filter(([known]) => known !== name)
    .reduce((sum, [, held]) => sum + sizeWithoutWhitespace(documentText(call.sandbox, held.value)), 0);
  if (others + sizeWithoutWhitespace(text) > limits.inlinePoliciesPerRole) {
    throw new AwsError(
      "LimitExceeded",
      `Maximum policy size of ${limits.inlinePoliciesPerRole} bytes exceeded for role ${role.name}`,
      409,
    );
  }
  const document = readDocument(call.sandbox, text, "identity", iamDocumentErrors);
  role.inline[name] = supersede(role.inline[name], document, call.now, call.sandbox.faults.visibilityDelayMs);
  return {};
}

function inlineOrThrow(role: Role, name: string | undefined) {
  const held = role.inline[name ?? ""];
  if (held) return held;
  throw new AwsError("NoSuchEntity", `The role policy with name ${name} cannot be found.`, 404);
}

function getRolePolicy(
  call: Call,
  input: iam.GetRolePolicyCommandInput,
): Output<iam.GetRolePolicyCommandOutput> {
  const role = roleOrThrow(call, input.RoleName);
  const held = inlineOrThrow(role, input.PolicyName);
  const document = visible(held, call.now);
  if (!document)
    throw new AwsError("NoSuchEntity", `The role policy with name ${input.PolicyName} cannot be found.`, 404);
  return {
    RoleName: role.name,
    PolicyName: input.PolicyName,
    PolicyDocument: encodedDocument(call.sandbox, document),
  };
}

/** Policies of AWS itself are not listed in the sandbox, but can be attached as in AWS. */
function isAttachable(call: Call, arn: string): boolean {
  return /^arn:[^:]+:iam::aws:policy\/.+$/.test(arn) || Boolean(accountOf(call).policies[arn]);
}

function attachRolePolicy(call: Call, input: iam.AttachRolePolicyCommandInput): object {
  const role = roleOrThrow(call, input.RoleName);
  const arn = input.PolicyArn ?? "";
  if (!isAttachable(call, arn)) {
    throw new AwsError("NoSuchEntity", `Policy ${arn} does not exist or is not attachable.`, 404);
  }
  const { attachedPoliciesPerRole } = accountOf(call).quotas;
  if (!role.attached[arn] && Object.keys(role.attached).length >= attachedPoliciesPerRole) {
    throw new AwsError(
      "LimitExceeded",
      `Cannot exceed quota for PoliciesPerRole: ${attachedPoliciesPerRole}`,
      409,
    );
  }
  role.attached[arn] ??= { arn, visibleAt: call.sandbox.visibleFrom() };
  return {};
}

export const rolePolicyOperations: Operation[] = [
  operation(iam.PutRolePolicy$, {
    access: (call, input: iam.PutRolePolicyCommandInput) =>
      roleAccess(call, "PutRolePolicy", input.RoleName, boundaryContext(call, input.RoleName)),
    handle: putRolePolicy,
  }),
  operation(iam.GetRolePolicy$, {
    access: (call, input: iam.GetRolePolicyCommandInput) => roleAccess(call, "GetRolePolicy", input.RoleName),
    handle: getRolePolicy,
  }),
  operation(iam.DeleteRolePolicy$, {
    access: (call, input: iam.DeleteRolePolicyCommandInput) =>
      roleAccess(call, "DeleteRolePolicy", input.RoleName, boundaryContext(call, input.RoleName)),
    handle: (call, input: iam.DeleteRolePolicyCommandInput): object => {
      const role = roleOrThrow(call, input.RoleName);
      inlineOrThrow(role, input.PolicyName);
      delete role.inline[input.PolicyName ?? ""];
      return {};
    },
  }),
  operation(iam.ListRolePolicies$, {
    access: (call, input: iam.ListRolePoliciesCommandInput) =>
      roleAccess(call, "ListRolePolicies", input.RoleName),
    handle: (call, input: iam.ListRolePoliciesCommandInput): Output<iam.ListRolePoliciesCommandOutput> => {
      const names = Object.keys(roleOrThrow(call, input.RoleName).inline).sort();
      const { items: PolicyNames, ...rest } = page(names, input.Marker, input.MaxItems);
      return { PolicyNames, ...rest };
    },
  }),
  operation(iam.AttachRolePolicy$, {
    access: (call, input: iam.AttachRolePolicyCommandInput) =>
      roleAccess(call, "AttachRolePolicy", input.RoleName, {
        ...boundaryContext(call, input.RoleName),
        "iam:PolicyARN": input.PolicyArn ?? "",
      }),
    handle: attachRolePolicy,
  }),
  operation(iam.DetachRolePolicy$, {
    access: (call, input: iam.DetachRolePolicyCommandInput) =>
      roleAccess(call, "DetachRolePolicy", input.RoleName, {
        ...boundaryContext(call, input.RoleName),
        "iam:PolicyARN": input.PolicyArn ?? "",
      }),
    handle: (call, input: iam.DetachRolePolicyCommandInput): object => {
      const role = roleOrThrow(call, input.RoleName);
      if (!role.attached[input.PolicyArn ?? ""]) {
        throw new AwsError("NoSuchEntity", `Policy ${input.PolicyArn} was not found.`, 404);
      }
      delete role.attached[input.PolicyArn ?? ""];
      return {};
    },
  }),
  operation(iam.ListAttachedRolePolicies$, {
    access: (call, input: iam.ListAttachedRolePoliciesCommandInput) =>
      roleAccess(call, "ListAttachedRolePolicies", input.RoleName),
    handle: (
      call,
      input: iam.ListAttachedRolePoliciesCommandInput,
    ): Output<iam.ListAttachedRolePoliciesCommandOutput> => {
      const attached = Object.keys(roleOrThrow(call, input.RoleName).attached)
        .sort()
        .map((PolicyArn) => ({ PolicyName: PolicyArn.split("/").at(-1) ?? "", PolicyArn }));
      const { items: AttachedPolicies, ...rest } = page(attached, input.Marker, input.MaxItems);
      return { AttachedPolicies, ...rest };
    },
  }),
];
