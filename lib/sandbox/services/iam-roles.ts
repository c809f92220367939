import * as iam from "@aws-sdk/client-iam";
import type { Access } from "../authorise.ts";
import { encodedDocument, iamDocumentErrors, readDocument } from "../documents.ts";
import { uniqueId } from "../identifiers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import { sizeWithoutWhitespace } from "../quotas.ts";
import { type Role, supersede, visible } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import {
  accountOf,
  boundaryContext,
  checkDescription,
  checkMaxSession,
  checkName,
  checkPath,
  noSuchRole,
  page,
  readTags,
  requestTags,
  roleAccess,
  roleOrThrow,
  tagList,
} from "./iam-names.ts";

function present(call: Call, role: Role): iam.Role {
  const trust = visible(role.trust, call.now) ?? role.trust.value;
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(call.sandbox, trust),
    ...(role.description && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDuration,
    ...(role.boundaryArn && {
      PermissionsBoundary: {
        PermissionsBoundaryType: "PermissionsBoundaryPolicy",
        PermissionsBoundaryArn: role.boundaryArn,
      },
    }),
    ...(Object.keys(role.tags).length > 0 && { Tags: tagList(role.tags) }),
  };
}

/** Size first, then grammar, then that the principals exist. */
function readTrust(call: Call, text: string | undefined) {
  const { trustPolicySize } = accountOf(call).quotas;
  if (sizeWithoutWhitespace(text ?? "") > trustPolicySize) {
    throw new AwsError("LimitExceeded", `Cannot exceed quota for ACLSizePerRole: ${trustPolicySize}`, 409);
  }
  return readDocument(call.sandbox, text ?? "", "trust", iamDocumentErrors);
}

/** A boundary must be a policy that exists, of the account or of AWS. */
function checkBoundary(call: Call, arn: string | undefined): string | null {
  if (!arn) return null;
  const isAwsManaged = /^arn:[^:]+:iam::aws:policy\/.+$/.test(arn);
  if (!isAwsManaged && !accountOf(call).policies[arn]) {
    throw new AwsError("NoSuchEntity", `Scope ARN: ${arn} does not exist or is not attachable.`, 404);
  }
  return arn;
}

function createAccess(call: Call, input: iam.CreateRoleCommandInput): Access[] {
  const account = accountOf(call);
  const path = input.Path ?? "/";
  const resource = `arn:${account.partition}:iam::${account.id}:role${path}${input.RoleName}`;
  const needed: Access[] = [
    {
      action: "iam:CreateRole",
      resource,
      resourceAccount: account.id,
      context: {
        ...requestTags(input.Tags),
        ...(input.PermissionsBoundary && { "iam:PermissionsBoundary": input.PermissionsBoundary }),
      },
    },
  ];
  if (input.Tags?.length) {
    needed.push({
      action: "iam:TagRole",
      resource,
      resourceAccount: account.id,
      context: requestTags(input.Tags),
    });
  }
  return needed;
}

function createRole(call: Call, input: iam.CreateRoleCommandInput): Output<iam.CreateRoleCommandOutput> {
  const account = accountOf(call);
  const name = checkName("roleName", input.RoleName ?? "", 64);
  const path = checkPath(input.Path);
  const description = checkDescription(input.Description);
  const maxSessionDuration = checkMaxSession(input.MaxSessionDuration);
  const tags = readTags(input.Tags);
  if (account.roles[name.toLowerCase()]) {
    throw new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409);
  }
  if (Object.keys(account.roles).length >= account.quotas.roles) {
    throw new AwsError(
      "LimitExceeded",
      `Cannot exceed quota for RolesPerAccount: ${account.quotas.roles}`,
      409,
    );
  }
  const trust = readTrust(call, input.AssumeRolePolicyDocument);
  const boundaryArn = checkBoundary(call, input.PermissionsBoundary);
  const role: Role = {
    name,
    path,
    arn: `arn:${account.partition}:iam::${account.id}:role${path}${name}`,
    id: uniqueId("role"),
    description,
    createdAt: call.now,
    visibleAt: call.sandbox.visibleFrom(),
    maxSessionDuration,
    trust: { value: trust, visibleAt: call.now, previous: null },
    inline: {},
    attached: {},
    boundaryArn,
    tags,
  };
  account.roles[name.toLowerCase()] = role;
  return { Role: present(call, role) };
}

/** Reads lag like everything else in IAM: a role just made may not be found (boto3#3206). */
function getRole(call: Call, input: iam.GetRoleCommandInput): Output<iam.GetRoleCommandOutput> {
  const role = roleOrThrow(call, input.RoleName);
  if (call.now < role.visibleAt) throw noSuchRole(input.RoleName);
  return { Role: present(call, role) };
}

function deleteRole(call: Call, input: iam.DeleteRoleCommandInput): object {
  const role = roleOrThrow(call, input.RoleName);
  const conflict = (what: string) =>
    new AwsError("DeleteConflict", `Cannot delete entity, must ${what} first.`, 409);
  if (Object.keys(role.inline).length > 0) throw conflict("delete policies");
  if (Object.keys(role.attached).length > 0) throw conflict("detach all policies");
  const { instanceProfiles = {}, roles } = accountOf(call);
  if (Object.values(instanceProfiles).some((one) => one.role === role.name))
    throw conflict("remove roles from instance profile");
  delete roles[role.name.toLowerCase()];
  return {};
}

export const roleOperations: Operation[] = [
  operation(iam.CreateRole$, { access: createAccess, handle: createRole }),
  operation(iam.GetRole$, {
    access: (call, input: iam.GetRoleCommandInput) => roleAccess(call, "GetRole", input.RoleName),
    handle: getRole,
  }),
  operation(iam.DeleteRole$, {
    access: (call, input: iam.DeleteRoleCommandInput) =>
      roleAccess(call, "DeleteRole", input.RoleName, boundaryContext(call, input.RoleName)),
    handle: deleteRole,
  }),
  operation(iam.UpdateRole$, {
    access: (call, input: iam.UpdateRoleCommandInput) =>
      roleAccess(call, "UpdateRole", input.RoleName, boundaryContext(call, input.RoleName)),
    handle: (call, input: iam.UpdateRoleCommandInput): Output<iam.UpdateRoleCommandOutput> => {
      const role = roleOrThrow(call, input.RoleName);
      if (input.Description !== undefined) role.description = checkDescription(input.Description);
      // Left out, it becomes an hour again ("the default value of one hour is applied", API Reference, UpdateRole).
      role.maxSessionDuration = checkMaxSession(input.MaxSessionDuration);
      return {};
    },
  }),
  operation(iam.UpdateAssumeRolePolicy$, {
    access: (call, input: iam.UpdateAssumeRolePolicyCommandInput) =>
      roleAccess(call, "UpdateAssumeRolePolicy", input.RoleName, boundaryContext(call, input.RoleName)),
    handle: (call, input: iam.UpdateAssumeRolePolicyCommandInput): object => {
      const role = roleOrThrow(call, input.RoleName);
      const trust = readTrust(call, input.PolicyDocument);
      role.trust = supersede(role.trust, trust, call.now, call.sandbox.faults.visibilityDelayMs);
      return {};
    },
  }),
  operation(iam.TagRole$, {
    access: (call, input: iam.TagRoleCommandInput) =>
      roleAccess(call, "TagRole", input.RoleName, requestTags(input.Tags)),
    handle: (call, input: iam.TagRoleCommandInput): object => {
      const role = roleOrThrow(call, input.RoleName);
      role.tags = readTags(input.Tags, role.tags);
      return {};
    },
  }),
  operation(iam.UntagRole$, {
    access: (call, input: iam.UntagRoleCommandInput) =>
      roleAccess(call, "UntagRole", input.RoleName, { "aws:TagKeys": input.TagKeys ?? [] }),
    handle: (call, input: iam.UntagRoleCommandInput): object => {
      const role = roleOrThrow(call, input.RoleName);
      for (const key of input.TagKeys ?? []) delete role.tags[key];
      return {};
    },
  }),
  operation(iam.ListRoleTags$, {
    access: (call, input: iam.ListRoleTagsCommandInput) => roleAccess(call, "ListRoleTags", input.RoleName),
    handle: (call, input: iam.ListRoleTagsCommandInput): Output<iam.ListRoleTagsCommandOutput> => {
      const { items: Tags, ...rest } = page(
        tagList(roleOrThrow(call, input.RoleName).tags),
        input.Marker,
        input.MaxItems,
      );
      return { Tags, ...rest };
    },
  }),
  operation(iam.ListRoles$, {
    access: (call, input: iam.ListRolesCommandInput) => [
      {
        action: "iam:ListRoles",
        resource: `arn:${accountOf(call).partition}:iam::${call.accountId}:role${input.PathPrefix ?? "/"}`,
        resourceAccount: call.accountId,
      },
    ],
    handle: (call, input: iam.ListRolesCommandInput): Output<iam.ListRolesCommandOutput> => {
      const roles = Object.values(accountOf(call).roles)
        .filter((role) => role.path.startsWith(input.PathPrefix ?? "/") && call.now >= role.visibleAt)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, ...rest } = page(roles, input.Marker, input.MaxItems);
      // ListRoles leaves out tags and boundary (IAM API Reference, ListRoles).
      const Roles = items.map((role) => {
        const { Tags: _tags, PermissionsBoundary: _boundary, ...shown } = present(call, role);
        return shown;
      });
      return { Roles, ...rest };
    },
  }),
  operation(iam.PutRolePermissionsBoundary$, {
    access: (call, input: iam.PutRolePermissionsBoundaryCommandInput) =>
      roleAccess(call, "PutRolePermissionsBoundary", input.RoleName, {
        "iam:PermissionsBoundary": input.PermissionsBoundary ?? "",
      }),
    handle: (call, input: iam.PutRolePermissionsBoundaryCommandInput): object => {
      roleOrThrow(call, input.RoleName).boundaryArn = checkBoundary(call, input.PermissionsBoundary);
      return {};
    },
  }),
  operation(iam.DeleteRolePermissionsBoundary$, {
    access: (call, input: iam.DeleteRolePermissionsBoundaryCommandInput) =>
      roleAccess(
        call,
        "DeleteRolePermissionsBoundary",
        input.RoleName,
        boundaryContext(call, input.RoleName),
      ),
    handle: (call, input: iam.DeleteRolePermissionsBoundaryCommandInput): object => {
      const role = roleOrThrow(call, input.RoleName);
      if (!role.boundaryArn) {
        throw new AwsError("NoSuchEntity", `Role ${role.name} has no permissions boundary.`, 404);
      }
      role.boundaryArn = null;
      return {};
    },
  }),
];
