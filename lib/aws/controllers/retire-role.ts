import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  type IAMClient,
  type InstanceProfile,
  PutRolePolicyCommand,
  paginateListInstanceProfilesForRole,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import type { Tags } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { HeldByInstanceProfileError, isKind } from "../errors.ts";
import type { Wait } from "../wait.ts";
import { pastLateDenials } from "./late-denial.ts";
import { detachPolicies, policiesOf } from "./role-policies.ts";
import { toIamTags } from "./tags.ts";

/** DeleteRole after DeleteConflict: list what is attached again this often. */
const deleteRounds = 4;

/** Milliseconds by which this machine's clock may be behind AWS's: no session issued until now may slip through. */
const clockErrorMs = 10 * 60_000;

/**
 * Denies everything to sessions that were issued before a time. Temporary credentials can't be called back: they end
 * by themselves, up to 12 hours later, and till then whatever still names the role would let them in.
 *
 * Source: IAM User Guide, "Revoking IAM role temporary security credentials" (`AWSRevokeOlderSessions`).
 */
export function revokedSessionsPolicy(before: Date): PolicyDocument {
  const time = before.toISOString().replace(/\.\d+Z$/, "Z");
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RevokeOlderSessions",
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { DateLessThan: { "aws:TokenIssueTime": time } },
      },
    ],
  };
}

/**
 * The first half of a role's end: it loses all policies, and denies everything to the sessions that it has. A tag says
 * that this was done. The grants' own statements and inline policies went before, in steps of their own.
 *
 * @param tags those of the role now
 * @returns whether the Deny is there
 */
export async function cutOffSessions(
  iam: IAMClient,
  wait: Wait,
  RoleName: string,
  tags: Tags,
): Promise<boolean> {
  // What others put on the role goes first: it gives the sessions what they have, and may leave the Deny no room.
  // What can't be taken off keeps no session alive.
  const denied = await strip(iam, wait, RoleName).catch(async (error: unknown) => {
    await deny(iam, RoleName);
    throw error;
  });
  if (tagKeys.retiring in tags) return denied;
  if (!denied) await deny(iam, RoleName);
  const Tags = toIamTags({ [tagKeys.retiring]: new Date().toISOString() });
  await iam.send(new TagRoleCommand({ RoleName, Tags }));
  return true;
}

/**
 * Takes a role of ours away for good, after those that are chained from it: its live sessions are cut off, unless that
 * was done, and it is deleted. May be repeated after a crash at any point, and each repetition gets further.
 * Policies that named the role keep its unique id (`AROA…`), which no other role ever bears, so a new role of the same
 * name gains nothing from them.
 *
 * @param tags those of the role now
 */
export async function retireRole(iam: IAMClient, wait: Wait, RoleName: string, tags: Tags): Promise<void> {
  try {
    let denied = await cutOffSessions(iam, wait, RoleName, tags);
    for (let round = 0; ; round += 1) {
      const failure = await deleteEmptied(iam, wait, RoleName, denied);
      if (failure === undefined || isKind(failure, "not-found")) return;
      await deny(iam, RoleName);
      if (!isKind(failure, "conflict") || round >= deleteRounds) throw failure;
      await wait.pause(round);
      denied = await strip(iam, wait, RoleName);
    }
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
}

async function deny(iam: IAMClient, RoleName: string): Promise<void> {
  const PolicyDocument = JSON.stringify(revokedSessionsPolicy(new Date(Date.now() + clockErrorMs)));
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: revokedSessionsPolicyName, PolicyDocument }),
  );
}

/** IAM deletes no role that has a policy, so the Deny goes last. @returns why it is still there, if it is */
async function deleteEmptied(
  iam: IAMClient,
  wait: Wait,
  RoleName: string,
  denied: boolean,
): Promise<unknown> {
  try {
    await leaveInstanceProfiles(iam, wait, RoleName);
    if (denied) await endRetirement(iam, RoleName);
    await iam.send(new DeleteRoleCommand({ RoleName }));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The role is wanted again: the Deny of a retirement that did not come to its end. The tag is the caller's to remove. */
export async function endRetirement(iam: IAMClient, RoleName: string): Promise<void> {
  await unlessGone(
    iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: revokedSessionsPolicyName })),
  );
}

/** Takes all policies off but the Deny: a role of ours is wholly ours. @returns whether the Deny is there */
async function strip(iam: IAMClient, wait: Wait, RoleName: string): Promise<boolean> {
  const { inline = [], attached = [] } = (await pastLateDenials(wait, () => policiesOf(iam, RoleName))) ?? {};
  for (const PolicyName of inline)
    if (PolicyName !== revokedSessionsPolicyName)
      await unlessGone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  await detachPolicies(iam, RoleName, attached);
  return inline.includes(revokedSessionsPolicyName);
}

/**
 * Others may have put the role into instance profiles. The provisioner may change those under our path alone, and a
 * console makes them at `/`.
 *
 * @throws HeldByInstanceProfileError
 */
async function leaveInstanceProfiles(iam: IAMClient, wait: Wait, RoleName: string): Promise<void> {
  const kept: string[] = [];
  for (const { InstanceProfileName, Arn } of await pastLateDenials(wait, () => profilesOf(iam, RoleName))) {
    try {
      await unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName })));
    } catch (error) {
      if (!isKind(error, "access-denied")) throw error;
      kept.push(`${InstanceProfileName} (${Arn})`);
    }
  }
  if (kept.length > 0)
    throw new HeldByInstanceProfileError(
      `Somebody put the role into the instance profile ${kept.join(" and ")}, which Drawbridge may not change.`,
    );
}

async function profilesOf(iam: IAMClient, RoleName: string): Promise<InstanceProfile[]> {
  const found: InstanceProfile[] = [];
  for await (const page of paginateListInstanceProfilesForRole({ client: iam }, { RoleName }))
    found.push(...(page.InstanceProfiles ?? []));
  return found;
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
}
