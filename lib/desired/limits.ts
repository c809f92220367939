import { parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { InventoryItem } from "#lib/model/estate.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import { serviceOf } from "./services/catalogue.ts";

/** AWS's limits on what we write. Source: IAM User Guide, "IAM and AWS STS quotas"; all are the defaults. */
export const awsLimits = {
  roleName: 64,
  /** Characters of a trust policy. */
  trustPolicy: 2_048,
  /** Characters of all inline policies of one role in sum. */
  inlinePolicies: 10_240,
  roleDescription: 1_000,
  tagValue: 256,
} as const;

/** IAM counts characters without white space. */
export function documentSize(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

/** The size of all inline policies of each role, by the role's ARN. */
export function inlineSizes(resources: readonly CloudResource[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const resource of resources) {
    if (resource.kind !== "role-policy") continue;
    const role = resource.key.split("#")[0] ?? resource.key;
    sizes.set(role, (sizes.get(role) ?? 0) + documentSize(resource.body.document));
  }
  return sizes;
}

/** What of these resources AWS would refuse for its size, said before anybody approves it. */
export function sizeRefusals(resources: readonly CloudResource[]): Refusal[] {
  const full = [...inlineSizes(resources)]
    .filter(([, size]) => size > awsLimits.inlinePolicies)
    .map(([role, size]) =>
      refusal(
        "role.policies-full",
        "target",
        `With this grant the policies of ${role.split("/").at(-1)} would have ${size} characters; IAM allows ${awsLimits.inlinePolicies} a role.`,
        "Use another service account for this target, or revoke grants that are no longer needed.",
      ),
    );
  const trusts = resources
    .filter((resource) => resource.kind === "role")
    .filter((resource) => documentSize(resource.body.trust) > awsLimits.trustPolicy)
    .map((resource) =>
      refusal(
        "role.trust-too-long",
        "workload",
        `The trust policy of ${resource.body.name} would have ${documentSize(resource.body.trust)} characters; IAM allows ${awsLimits.trustPolicy}.`,
        "Use a service account with a shorter name, or another access pattern.",
      ),
    );
  return [...full, ...trusts];
}

/**
 * What would not fit into a target's own policy as the inventory last saw it. The pattern looks after room for the two
 * short statements of one level; custom access may have many long ones, and a request may ask for several at once.
 *
 * @param added what the policy does not have yet; of one target
 * @param before what the grant has there today, which goes
 */
export function policyRefusals(
  added: readonly CloudResource[],
  before: readonly CloudResource[],
  inventory: readonly InventoryItem[],
): Refusal[] {
  const statementsIn = (some: readonly CloudResource[]) =>
    some.flatMap((one) => (one.kind === "resource-policy-statements" ? one.body.statements : []));
  const arn = added.flatMap((one) =>
    one.kind === "resource-policy-statements" ? one.body.resourceArn : [],
  )[0];
  const usage = inventory.find((item) => item.arn === arn)?.policyUsage;
  const limits = serviceOf(parseArn(arn ?? "")?.service ?? "")?.resourcePolicy;
  if (!usage || !limits) return [];
  const [more, less] = [statementsIn(added), statementsIn(before)];
  const bytes = usage.bytes + JSON.stringify(more).length - JSON.stringify(less).length;
  const count = usage.statements + more.length - less.length;
  if (bytes <= limits.maxBytes && count <= (limits.maxStatements ?? count)) return [];
  return [
    refusal(
      "target.policy-full",
      "custom",
      `With all that is asked for here the target's own policy would have ${bytes} bytes and ${count} statements; it has room for ${limits.maxBytes} bytes${limits.maxStatements ? ` and ${limits.maxStatements} statements` : ""}.`,
      "Ask for fewer actions and conditions, or choose a role in the target's account.",
    ),
  ];
}
