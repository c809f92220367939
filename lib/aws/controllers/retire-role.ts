import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListInstanceProfilesForRole,
  paginateListRolePolicies,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import type { Tags } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { isKind } from "../errors.ts";
import type { Wait } from "../wait.ts";
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
 * Takes a role of ours away for good: its live sessions are cut off, then it is emptied and deleted. The grants' own
 * statements and inline policies went before, in steps of their own, and so did the roles that are chained from this
 * one. May be repeated after a crash at any point, and each repetition gets further: a tag says that the sessions
 * were cut off. Policies that named the role keep its unique id (`AROA…`), which no other role ever bears, so a new
 * role of the same name gains nothing from them.
 *
 * @param tags those of the role now
 */
export async function retireRole(iam: IAMClient, wait: Wait, RoleName: string, tags: Tags): Promise<void> {
  try {
    // What others put on the role goes first: it gives the sessions what they have, and may leave the Deny no room.
    let denied = await strip(iam, RoleName);
    if (!(tagKeys.retiring in tags)) {
      if (!denied) await cutOff(iam, RoleName);
      denied = true;
      const Tags = toIamTags({ [tagKeys.retiring]: new Date().toISOString() });
      await iam.send(new TagRoleCommand({ RoleName, Tags }));
    }
    for (let round = 0; ; round += 1) {
      const failure = await deleteEmptied(iam, RoleName, denied);
      if (failure === undefined || isKind(failure, "not-found")) return;
      await cutOff(iam, RoleName);
      if (!isKind(failure, "conflict") || round >= deleteRounds) throw failure;
      await wait.pause(round);
      denied = await strip(iam, RoleName);
    }
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
}

async function cutOff(iam: IAMClient, RoleName: string): Promise<void> {
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
async function strip(iam: IAMClient, RoleName: string): Promise<boolean> {
  let denied = false;
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName })) {
    for (const PolicyName of page.PolicyNames ?? []) {
      if (PolicyName === revokedSessionsPolicyName) denied = true;
      else await unlessGone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
    }
  }
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    for (const { PolicyArn } of page.AttachedPolicies ?? []) {
      await unlessGone(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
    }
  }
  for await (const page of paginateListInstanceProfilesForRole({ client: iam }, { RoleName })) {
    for (const { InstanceProfileName } of page.InstanceProfiles ?? []) {
      const input = { RoleName, InstanceProfileName };
      await unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand(input)));
    }
  }
  return denied;
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
}
