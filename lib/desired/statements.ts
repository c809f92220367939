import { type Arn, parseArn } from "#lib/model/arn.ts";
import type { Grant } from "#lib/model/grant.ts";
import { isKeyArn } from "#lib/model/key-facts.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { sid } from "#lib/model/resource-key.ts";
import { DesiredStateError, inventoryItem, type WorkloadContext } from "./context.ts";
import { serviceOf } from "./services/catalogue.ts";
import type { AccessStatement, TargetScope, TargetService } from "./services/service.ts";

export interface GrantTarget extends TargetScope {
  service: TargetService;
  /** Where the target is; S3 ARNs don't say, the inventory does. */
  region: string;
}

/** The grant's target with its service. Throws DesiredStateError when the ARN or the service is unknown. */
export function targetOf(grant: Grant, context: WorkloadContext): GrantTarget {
  const arn = parseArn(grant.target.arn);
  const service = arn && serviceOf(arn.service);
  if (!arn || !service) throw new DesiredStateError(`${grant.target.arn} is not a target that is supported.`);
  return {
    arn,
    arnText: grant.target.arn,
    level: grant.level,
    custom: grant.custom,
    subResource: grant.subResource,
    service,
    region: regionOf(arn, grant.target.arn, context),
  };
}

function regionOf(arn: Arn, arnText: string, context: WorkloadContext): string {
  return arn.region || inventoryItem(context.estate, arnText)?.region || context.cluster.region;
}

/** The statement's end date stands beside its other conditions; it alone ends access, even if the portal is down. */
function withEndDate(statement: AccessStatement, expiresAt: string | null): AccessStatement {
  if (!expiresAt) return statement;
  return {
    ...statement,
    Condition: { ...statement.Condition, DateLessThan: { "aws:CurrentTime": expiresAt } },
  };
}

/** The customer managed key that encrypts the target by default, as the inventory last saw it. */
export function targetKey(grant: Grant, context: WorkloadContext): string | undefined {
  const encryption = inventoryItem(context.estate, grant.target.arn)?.encryption;
  return encryption && isKeyArn(encryption) ? encryption : undefined;
}

/**
 * A bucket's name can be taken by anybody once its owner has given it up, and its ARN names no account. The role's
 * own permissions therefore hold in the approved account only (IAM User Guide, `aws:ResourceAccount`).
 */
function inAccount(statement: AccessStatement, target: GrantTarget, accountId: string): AccessStatement {
  if (target.arn.account !== "") return statement;
  const { StringEquals, ...others } = statement.Condition ?? {};
  return {
    ...statement,
    Condition: { ...others, StringEquals: { ...StringEquals, "aws:ResourceAccount": accountId } },
  };
}

/** What a role needs to use the target: its actions and, in the key's own account, those on the key behind it. */
export function identityStatements(grant: Grant, context: WorkloadContext): Statement[] {
  const target = targetOf(grant, context);
  const key = targetKey(grant, context);
  const onKey = key ? target.service.keyStatements(target, target.region, key) : [];
  const onTarget = target.service
    .statements(target)
    .map((statement) => inAccount(statement, target, grant.target.accountId));
  return [...onTarget, ...onKey].map((statement, index) => ({
    Sid: sid(grant.id, index),
    Effect: "Allow",
    ...withEndDate(statement, grant.expiresAt),
  }));
}

/** The grant's statements in the target's own policy, for one role. */
export function resourceStatements(
  grant: Grant,
  context: WorkloadContext,
  principalArn: string,
): (Statement & { Sid: string })[] {
  const target = targetOf(grant, context);
  return target.service.statements(target).map((statement, index) => ({
    Sid: sid(grant.id, index),
    Effect: "Allow",
    Principal: { AWS: principalArn },
    ...withEndDate(statement, grant.expiresAt),
  }));
}
