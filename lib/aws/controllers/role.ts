import {
  CreateRoleCommand,
  GetRoleCommand,
  PutRolePermissionsBoundaryCommand,
  type Role,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { CloudResource, Observed, RoleBody } from "#lib/model/cloud-resource.ts";
import { isRetiring } from "#lib/model/retirement.ts";
import { isOurs, rolePath } from "#lib/model/tags.ts";
import { sameDocument } from "#lib/policy/canonical.ts";
import type { Controller, ControllerContext, Outcome, Present } from "../controller.ts";
import { parseIamDocument } from "../documents.ts";
import { classify, ForeignResourceError, isKind, NotVisibleError } from "../errors.ts";
import { pastLateDenials } from "./late-denial.ts";
import { cutOffSessions, endRetirement, retireRole } from "./retire-role.ts";
import { detachPolicies, policiesOf } from "./role-policies.ts";
import { fromIamTags, tagChanges, toIamTags } from "./tags.ts";

/** CreateRole's default, in seconds, when GetRole shows none. */
const defaultSessionSeconds = 3_600;

const foreign = (name: string) =>
  `A role named ${name} exists in the account and was not made by this installation of Drawbridge.`;

/** IAM's answer in the form of the desired body. */
export function roleBody(found: Role, what: string): RoleBody {
  return {
    name: found.RoleName ?? "",
    path: found.Path ?? "/",
    description: found.Description ?? "",
    trust: parseIamDocument(found.AssumeRolePolicyDocument ?? "", what),
    boundaryArn: found.PermissionsBoundary?.PermissionsBoundaryArn ?? "",
    maxSessionDuration: found.MaxSessionDuration ?? defaultSessionSeconds,
    tags: fromIamTags(found.Tags?.map(({ Key, Value }) => ({ Key, Value }))),
  };
}

/** Ours is what has both our path and our tag: a name alone is never enough. */
export function observedRole(
  body: RoleBody,
  installation: string,
  roleId: string | undefined,
): Present<"role"> {
  const ours = body.path === rolePath(installation) && isOurs(body.tags, installation);
  return {
    state: "present",
    body,
    ours,
    ...(roleId === undefined ? {} : { roleId }),
    ...(ours ? {} : { conflict: foreign(body.name) }),
  };
}

/** GetRole by name, wherever its path is: names are unique in an account. */
export async function findRole(ctx: ControllerContext, name: string): Promise<Observed<"role">> {
  try {
    const { Role: found } = await ctx.clients.iam().send(new GetRoleCommand({ RoleName: name }));
    if (!found) return { state: "absent" };
    return observedRole(roleBody(found, `role ${name}`), ctx.installation, found.RoleId);
  } catch (error) {
    if (isKind(error, "not-found")) return { state: "absent" };
    throw error;
  }
}

/** A role of ours with what hangs on it: it is wholly ours, so whatever others put there is theirs to lose. */
const observe: Controller<"role">["observe"] = (ctx, resource) =>
  pastLateDenials(ctx.wait, async () => {
    const found = await findRole(ctx, resource.body.name);
    if (found.state === "absent" || !found.ours) return found;
    const policies = await policiesOf(ctx.clients.iam(), resource.body.name);
    return policies ? { ...found, policies } : { state: "absent" };
  });

async function create(ctx: ControllerContext, resource: CloudResource<"role">): Promise<Outcome> {
  const { body } = resource;
  const input = {
    RoleName: body.name,
    Path: body.path,
    AssumeRolePolicyDocument: JSON.stringify(body.trust),
    Description: body.description,
    MaxSessionDuration: body.maxSessionDuration,
    PermissionsBoundary: body.boundaryArn,
    Tags: toIamTags(body.tags),
  };
  try {
    // The trust may name a role that was made a moment ago in another account: "Invalid principal in policy".
    await ctx.wait.untilVisible(() => ctx.clients.iam().send(new CreateRoleCommand(input)));
    return { effect: "created" };
  } catch (error) {
    if (classify(error).kind !== "already-exists") throw error;
  }
  // A crash after the call, a retry of a call whose answer was lost, or somebody else's role. IAM may not show it
  // at once.
  const found = await ctx.wait.untilVisible(async () => {
    const seen = await observe(ctx, resource);
    if (seen.state === "absent")
      throw new NotVisibleError(`IAM says that ${body.name} exists, but not which.`);
    return seen;
  });
  return update(ctx, resource, found);
}

async function update(
  ctx: ControllerContext,
  resource: CloudResource<"role">,
  observed: Observed<"role">,
): Promise<Outcome> {
  const { body } = resource;
  if (observed.state === "absent") return create(ctx, resource);
  if (!observed.ours) throw new ForeignResourceError(foreign(body.name));
  const iam = ctx.clients.iam();
  const RoleName = body.name;
  const changed: string[] = [];
  // The boundary goes first: without it the provisioner may not write anything else on the role.
  if (observed.body.boundaryArn !== body.boundaryArn) {
    await iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: body.boundaryArn }),
    );
    changed.push("permissions boundary");
  }
  if (!sameDocument(observed.body.trust, body.trust, { statementOrder: "ignored" })) {
    const PolicyDocument = JSON.stringify(body.trust);
    await ctx.wait.untilVisible(() =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument })),
    );
    changed.push("trust policy");
  }
  if (
    observed.body.description !== body.description ||
    observed.body.maxSessionDuration !== body.maxSessionDuration
  ) {
    const settings = { Description: body.description, MaxSessionDuration: body.maxSessionDuration };
    await iam.send(new UpdateRoleCommand({ RoleName, ...settings }));
    changed.push("description and session length");
  }
  // Before its tag goes, which says that there is something to take away.
  if (isRetiring(observed)) await endRetirement(iam, RoleName);
  // Drawbridge attaches none: permissions are inline policies, each a resource of its own.
  const attached = observed.policies?.attached ?? [];
  await detachPolicies(iam, RoleName, attached);
  if (attached.length > 0) changed.push("attached policies");
  const { set, remove } = tagChanges(body.tags, observed.body.tags);
  if (Object.keys(set).length > 0) {
    await iam.send(new TagRoleCommand({ RoleName, Tags: toIamTags(set) }));
  }
  if (remove.length > 0) await iam.send(new UntagRoleCommand({ RoleName, TagKeys: remove }));
  if (Object.keys(set).length + remove.length > 0) changed.push("tags");
  return changed.length > 0 ? { effect: "updated", detail: changed.join(", ") } : { effect: "unchanged" };
}

/**
 * Gives a role of ours the account's boundary back before anything is taken off it, whatever somebody did to that one.
 * IAM judges a boundary that is put by the request, and a policy that is taken off by the boundary which the role has:
 * the provisioner's policy allows the first on any role of ours, and the second only under the account's boundary.
 *
 * Source: Service Authorization Reference, "Condition keys for AWS IAM" (`iam:PermissionsBoundary`); IAM User Guide,
 * "Delegating responsibility to others using permissions boundaries"; IAM API reference, PutRolePermissionsBoundary
 * ("adds or updates").
 *
 * @returns whether it was put back
 */
export async function restoreBoundary(
  ctx: ControllerContext,
  { body: { name: RoleName, boundaryArn } }: Present<"role">,
): Promise<boolean> {
  const { boundaryArn: PermissionsBoundary } = ctx.clients.account;
  if (boundaryArn === PermissionsBoundary) return false;
  try {
    const input = { RoleName, PermissionsBoundary };
    await ctx.clients.iam().send(new PutRolePermissionsBoundaryCommand(input));
    return true;
  } catch (error) {
    // The account's template may be older than its boundary, and allow the rest under the one that the role has.
    if (!isKind(error, "access-denied")) throw error;
    return false;
  }
}

/** The role as it is now, because deleting is final, with its boundary: nothing may be written on it without. */
async function toRetire(
  ctx: ControllerContext,
  { body: { name } }: CloudResource<"role">,
): Promise<Present<"role"> | undefined> {
  const found = await findRole(ctx, name);
  if (found.state === "absent") return undefined;
  if (!found.ours) throw new ForeignResourceError(foreign(name));
  await restoreBoundary(ctx, found);
  return found;
}

async function cutOff(ctx: ControllerContext, resource: CloudResource<"role">): Promise<void> {
  const found = await toRetire(ctx, resource);
  if (found) await cutOffSessions(ctx.clients.iam(), ctx.wait, resource.body.name, found.body.tags);
}

async function remove(ctx: ControllerContext, resource: CloudResource<"role">): Promise<Outcome> {
  const found = await toRetire(ctx, resource);
  if (!found) return { effect: "unchanged", detail: "It was already gone." };
  await retireRole(ctx.clients.iam(), ctx.wait, resource.body.name, found.body.tags);
  return { effect: "deleted" };
}

/**
 * IAM roles under our path, with our tag and the account's permissions boundary.
 *
 * Source: IAM API reference (CreateRole, UpdateAssumeRolePolicy, DeleteRole); `iam:PermissionsBoundary` is required
 * on all of these writes by the provisioner's policy (lib/render/onboarding.ts).
 */
export const role: Controller<"role"> = { observe, create, update, cutOff, delete: remove };
