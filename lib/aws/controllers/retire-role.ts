import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  paginateListInstanceProfilesForRole,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import type { Tags } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { isKind } from "../errors.ts";
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
 * The first half of a role's end: it is emptied, and denies everything to the sessions that it has. A tag says that
 * this was done. The grants' own statements and inline policies went before, in steps of their own.
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
  const denied = await strip(iam, wait, RoleName);
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
      const failure = await deleteEmptied(iam, RoleName, denied);
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
async function deleteEmptied(iam: IAMClient, RoleName: string, denied: boolean): Promise<unknown> {
  try {
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

/** Takes off all but the Deny. A role of ours is wholly ours, so all of it goes. @returns whether the Deny is there */
async function strip(iam: IAMClient, wait: Wait, RoleName: string): Promise<boolean> {
  const [policies, profiles] = await pastLateDenials(wait, () =>
    Promise.all([policiesOf(iam, RoleName), profilesOf(iam, RoleName)]),
  );
  const { inline = [], attached = [] } = policies ?? {};
  for (const PolicyName of inline)
    if (PolicyName !== revokedSessionsPolicyName)
      await unlessGone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  await detachPolicies(iam, RoleName, attached);
  for (const InstanceProfileName of profiles)
    await unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName })));
  return inline.includes(revokedSessionsPolicyName);
}

async function profilesOf(iam: IAMClient, RoleName: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListInstanceProfilesForRole({ client: iam }, { RoleName }))
    names.push(...(page.InstanceProfiles ?? []).flatMap((one) => one.InstanceProfileName ?? []));
  return names;
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
}
