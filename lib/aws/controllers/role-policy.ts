import { DeleteRolePolicyCommand, GetRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { sameDocument } from "#lib/policy/canonical.ts";
import type { Controller, ControllerContext, Outcome } from "../controller.ts";
import { parseIamDocument } from "../documents.ts";
import {
  ConcurrentChangeError,
  ForeignResourceError,
  isKind,
  NotVisibleError,
  TrustDiffersError,
} from "../errors.ts";
import { pastLateDenials } from "./late-denial.ts";
import { findRole, restoreBoundary } from "./role.ts";

type Resource = CloudResource<"role-policy">;

const nameOf = ({ body }: Resource) => ({ RoleName: body.roleName, PolicyName: body.policyName });

/** `ours` here says only that the policy has our name; whose role it is on is checked before each write. */
function observe(ctx: ControllerContext, resource: Resource): Promise<Observed<"role-policy">> {
  return pastLateDenials(ctx.wait, () => observeNow(ctx, resource));
}

async function observeNow(ctx: ControllerContext, resource: Resource): Promise<Observed<"role-policy">> {
  try {
    const found = await ctx.clients.iam().send(new GetRolePolicyCommand(nameOf(resource)));
    const document = parseIamDocument(found.PolicyDocument ?? "", resource.key);
    const { roleName, policyName } = resource.body;
    return { state: "present", body: { roleName, policyName, document }, ours: true };
  } catch (error) {
    if (isKind(error, "not-found")) return { state: "absent" };
    // IAM authorises a role that is not there by its bare name, outside our path, and so denies it.
    if (isKind(error, "access-denied") && (await ownRole(ctx, resource)).state === "absent")
      return { state: "absent" };
    throw error;
  }
}

/** Throws unless the role is ours or not there. */
async function ownRole(ctx: ControllerContext, resource: Resource): Promise<Observed<"role">> {
  const role = await findRole(ctx, resource.body.roleName);
  if (role.state === "present" && !role.ours) {
    throw new ForeignResourceError(
      `The role ${resource.body.roleName} was not made by this installation of Drawbridge, so its policies stay as they are.`,
    );
  }
  return role;
}

/**
 * The role as it is at the moment at which it is given something. IAM may show its trust policy late after a change of
 * ours, so one that differs is looked at again for a while.
 */
async function ownRoleToGive(ctx: ControllerContext, resource: Resource): Promise<void> {
  const role = await ownRole(ctx, resource);
  const { roleName } = resource.body;
  if (role.state === "absent") throw new NotVisibleError(`The role ${roleName} is not there.`);
  if (ctx.trust && !sameDocument(role.body.trust, ctx.trust, { statementOrder: "ignored" }))
    throw new TrustDiffersError(`The trust policy of the role ${roleName} is not what was approved.`);
}

/**
 * Whoever may not give back what was taken away has the policy read once more, directly before it is written: it may have
 * been deleted, or have become one that denies, while this waited.
 *
 * @throws ConcurrentChangeError it is not as it was seen: nothing was written
 */
async function refuseUnlessAsSeen(
  ctx: ControllerContext,
  resource: Resource,
  seen: Observed<"role-policy">,
): Promise<void> {
  if (!ctx.onTakenAway) return;
  const found = await observe(ctx, resource);
  const same =
    found.state === "present" && seen.state === "present"
      ? sameDocument(found.body.document, seen.body.document, { statementOrder: "ignored" })
      : found.state === seen.state;
  if (!same)
    throw new ConcurrentChangeError(
      `Others changed the policy ${resource.body.policyName} of the role ${resource.body.roleName} as Drawbridge was about to write it.`,
    );
}

/** PutRolePolicy creates or replaces; the same document again changes nothing, so it is not sent. */
async function put(
  ctx: ControllerContext,
  resource: Resource,
  before: Observed<"role-policy">,
): Promise<Outcome> {
  const { document } = resource.body;
  const { state } = before;
  if (state === "present" && sameDocument(before.body.document, document, { statementOrder: "ignored" })) {
    return { effect: "unchanged" };
  }
  const input = { ...nameOf(resource), PolicyDocument: JSON.stringify(document) };
  // The role was made just before, in the same plan: "not found" means not seen yet.
  await ctx.wait.untilVisible(async () => {
    await ownRoleToGive(ctx, resource);
    await refuseUnlessAsSeen(ctx, resource, before);
    await ctx.clients.iam().send(new PutRolePolicyCommand(input));
  }, ["not-found", "not-yet-visible"]);
  return { effect: state === "present" ? "updated" : "created" };
}

const boundaryRestored =
  "The role did not have the account's permissions boundary, which was put back first.";

async function remove(
  ctx: ControllerContext,
  resource: Resource,
  before: Observed<"role-policy">,
): Promise<Outcome> {
  const gone: Outcome = { effect: "unchanged", detail: "It was already gone." };
  const role = await ownRole(ctx, resource);
  if (role.state === "absent") return gone;
  // Another boundary may be stricter, and was not there when this was decided.
  if (![ctx.clients.account.boundaryArn, ""].includes(role.body.boundaryArn)) ctx.onTakenAway?.();
  const restored = await restoreBoundary(ctx, role);
  const drop = async () => {
    await refuseUnlessAsSeen(ctx, resource, before);
    await ctx.clients.iam().send(new DeleteRolePolicyCommand(nameOf(resource)));
  };
  try {
    // IAM may go on judging by the boundary of before for a while.
    await (restored ? pastLateDenials(ctx.wait, drop) : drop());
    return { effect: "deleted", ...(restored ? { detail: boundaryRestored } : {}) };
  } catch (error) {
    if (isKind(error, "not-found")) return gone;
    throw error;
  }
}

/**
 * Inline policies of our own roles. They carry no tags of their own: what stands on a role of ours is ours. Beside
 * the check here, the provisioner's policy lets it write only roles under our path that carry the boundary.
 */
export const rolePolicy: Controller<"role-policy"> = {
  observe,
  create: async (ctx, resource, seen) => put(ctx, resource, seen ?? (await observe(ctx, resource))),
  update: put,
  delete: remove,
};
