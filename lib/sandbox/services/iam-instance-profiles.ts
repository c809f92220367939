import * as iam from "@aws-sdk/client-iam";
import type { Access } from "../authorise.ts";
import { uniqueId } from "../identifiers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { InstanceProfile } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { accountOf, checkName, checkPath, page, roleAccess, roleOrThrow } from "./iam-names.ts";

/**
 * Instance profiles, which keep a role from deletion.
 *
 * Source: IAM API Reference; Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM": the
 * writes are on the profile's ARN with its path, and what adds a role passes it as well.
 */

function profilesOf(call: Call): Record<string, InstanceProfile> {
  const account = accountOf(call);
  account.instanceProfiles ??= {};
  return account.instanceProfiles;
}

function profileOrThrow(call: Call, name = ""): InstanceProfile {
  const profile = profilesOf(call)[name.toLowerCase()];
  if (!profile) throw new AwsError("NoSuchEntity", `Instance Profile ${name} cannot be found.`, 404);
  return profile;
}

function arnOf(call: Call, path: string, name: string | undefined): string {
  const { partition, id } = accountOf(call);
  return `arn:${partition}:iam::${id}:instance-profile${path}${name}`;
}

/** A profile that is not there is asked for by its bare name. */
function profileAccess(call: Call, action: string, name = ""): Access {
  return {
    action: `iam:${action}`,
    resource: profilesOf(call)[name.toLowerCase()]?.arn ?? arnOf(call, "/", name),
    resourceAccount: call.accountId,
    context: {},
  };
}

/** Roles are left out: nobody here reads them. */
function present({ path, name, id, arn, createdAt }: InstanceProfile): iam.InstanceProfile {
  return {
    Path: path,
    InstanceProfileName: name,
    InstanceProfileId: id,
    Arn: arn,
    CreateDate: new Date(createdAt),
    Roles: [],
  };
}

function create(
  call: Call,
  input: iam.CreateInstanceProfileCommandInput,
): Output<iam.CreateInstanceProfileCommandOutput> {
  const name = checkName("instanceProfileName", input.InstanceProfileName ?? "", 128);
  const path = checkPath(input.Path);
  const profiles = profilesOf(call);
  if (profiles[name.toLowerCase()])
    throw new AwsError("EntityAlreadyExists", `Instance Profile ${name} already exists.`, 409);
  const profile: InstanceProfile = {
    name,
    path,
    arn: arnOf(call, path, name),
    id: uniqueId("instanceProfile"),
    createdAt: call.now,
    role: null,
  };
  profiles[name.toLowerCase()] = profile;
  return { InstanceProfile: present(profile) };
}

function addRole(call: Call, input: iam.AddRoleToInstanceProfileCommandInput): object {
  const profile = profileOrThrow(call, input.InstanceProfileName);
  const role = roleOrThrow(call, input.RoleName);
  if (profile.role !== null)
    throw new AwsError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409);
  profile.role = role.name;
  return {};
}

function removeRole(call: Call, input: iam.RemoveRoleFromInstanceProfileCommandInput): object {
  const profile = profileOrThrow(call, input.InstanceProfileName);
  const role = roleOrThrow(call, input.RoleName);
  if (profile.role !== role.name)
    throw new AwsError(
      "NoSuchEntity",
      `The role ${role.name} cannot be found in Instance Profile ${profile.name}.`,
      404,
    );
  profile.role = null;
  return {};
}

function listForRole(
  call: Call,
  input: iam.ListInstanceProfilesForRoleCommandInput,
): Output<iam.ListInstanceProfilesForRoleCommandOutput> {
  const role = roleOrThrow(call, input.RoleName);
  const holding = Object.values(profilesOf(call)).filter((one) => one.role === role.name);
  const { items, ...rest } = page(holding.map(present), input.Marker, input.MaxItems);
  return { InstanceProfiles: items, ...rest };
}

export const instanceProfileOperations: Operation[] = [
  operation(iam.CreateInstanceProfile$, {
    access: (call, input: iam.CreateInstanceProfileCommandInput) => [
      {
        ...profileAccess(call, "CreateInstanceProfile"),
        resource: arnOf(call, input.Path ?? "/", input.InstanceProfileName),
      },
    ],
    handle: create,
  }),
  operation(iam.AddRoleToInstanceProfile$, {
    access: (call, input: iam.AddRoleToInstanceProfileCommandInput) => [
      profileAccess(call, "AddRoleToInstanceProfile", input.InstanceProfileName),
      ...roleAccess(call, "PassRole", input.RoleName),
    ],
    handle: addRole,
  }),
  operation(iam.RemoveRoleFromInstanceProfile$, {
    access: (call, input: iam.RemoveRoleFromInstanceProfileCommandInput) => [
      profileAccess(call, "RemoveRoleFromInstanceProfile", input.InstanceProfileName),
    ],
    handle: removeRole,
  }),
  operation(iam.ListInstanceProfilesForRole$, {
    access: (call, input: iam.ListInstanceProfilesForRoleCommandInput) =>
      roleAccess(call, "ListInstanceProfilesForRole", input.RoleName),
    handle: listForRole,
  }),
];
