import {
  DetachRolePolicyCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from "@aws-sdk/client-iam";
import type { RolePolicies } from "#lib/model/cloud-resource.ts";
import { isKind } from "../errors.ts";

/**
 * What hangs on a role, in order of name; undefined when the role has gone meanwhile.
 *
 * Source: IAM API reference, ListRolePolicies (inline) and ListAttachedRolePolicies (managed).
 */
export async function policiesOf(client: IAMClient, RoleName: string): Promise<RolePolicies | undefined> {
  try {
    const [inline, attached] = await Promise.all([
      inlinePolicies(client, RoleName),
      attachedPolicies(client, RoleName),
    ]);
    return { inline: inline.sort(), attached: attached.sort() };
  } catch (error) {
    if (isKind(error, "not-found")) return undefined;
    throw error;
  }
}

async function inlinePolicies(client: IAMClient, RoleName: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client }, { RoleName }))
    names.push(...(page.PolicyNames ?? []));
  return names;
}

async function attachedPolicies(client: IAMClient, RoleName: string): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName }))
    arns.push(...(page.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []));
  return arns;
}

/** Those that are no longer attached are left out. */
export async function detachPolicies(
  client: IAMClient,
  RoleName: string,
  arns: readonly string[],
): Promise<void> {
  for (const PolicyArn of arns) {
    try {
      await client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    } catch (error) {
      if (!isKind(error, "not-found")) throw error;
    }
  }
}
