import { type Arn, isPartition, parseArn } from "#lib/model/arn.ts";
import { type Estate, findAccount } from "#lib/model/estate.ts";
import type { Target } from "#lib/model/grant.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { Proposal } from "./admit.ts";
import { customProblems } from "./admit-custom.ts";
import { inventoryItem } from "./context.ts";
import { serviceOf, services } from "./services/catalogue.ts";
import type { TargetService } from "./services/service.ts";

/** What stands against a target: what it is, whose it is, and which part of it is asked for. Pure. */
export function targetProblems(proposal: Proposal, estate: Estate): Refusal[] {
  const arn = parseArn(proposal.target.arn);
  if (!arn)
    return [
      refusal(
        "target.not-an-arn",
        "target",
        `"${proposal.target.arn.slice(0, 120)}" is not an ARN.`,
        "Choose a resource of the list, or paste an ARN such as arn:aws:s3:::reports-archive.",
      ),
    ];
  const service = serviceOf(arn.service);
  if (!service)
    return [
      refusal(
        "target.unknown-service",
        "target",
        `Targets of the service "${arn.service}" are not supported.`,
        `Supported: ${Object.values(services)
          .map((one) => one.name)
          .join(", ")}.`,
      ),
    ];
  return [
    ...partitionProblems(arn, proposal.workload, estate),
    ...shapeProblems(arn, service, proposal.subResource),
    ...customProblems(proposal, service),
    ...ownerProblems(arn, service, proposal.target, estate),
  ];
}

function partitionProblems(arn: Arn, workload: Workload, estate: Estate): Refusal[] {
  const home = findAccount(estate, workload.cluster.accountId);
  if (!isPartition(arn.partition))
    return [
      refusal(
        "target.unknown-partition",
        "target",
        `"${arn.partition}" is not a partition of AWS.`,
        "ARNs begin with arn:aws:, arn:aws-cn: or arn:aws-us-gov:.",
      ),
    ];
  if (home && home.partition !== arn.partition)
    return [
      refusal(
        "target.other-partition",
        "target",
        `The target is in partition ${arn.partition}, the cluster in ${home.partition}. AWS has no access across partitions.`,
        "Choose a target in the cluster's partition.",
      ),
    ];
  return [];
}

function shapeProblems(arn: Arn, service: TargetService, subResource: string | null): Refusal[] {
  const objection = service.objection(arn);
  if (objection) return [refusal("target.malformed", "target", objection.reason, objection.nextStep)];
  if (subResource === null) return [];
  if (!service.subResource)
    return [
      refusal(
        "sub-resource.not-supported",
        "subResource",
        `A ${service.noun} has no part that can be granted alone.`,
        "Leave this empty.",
      ),
    ];
  const problem = service.subResource.objection(subResource);
  return problem ? [refusal("sub-resource.malformed", "subResource", problem, service.subResource.hint)] : [];
}

function ownerProblems(arn: Arn, service: TargetService, target: Target, estate: Estate): Refusal[] {
  const owner = findAccount(estate, target.accountId);
  if (!owner)
    return [
      refusal(
        "target.account-not-registered",
        "target",
        `Account ${target.accountId} is not registered.`,
        "Ask an admin to register it, so that its owners can approve.",
      ),
    ];
  if (owner.partition !== arn.partition)
    return [
      refusal(
        "target.other-partition",
        "target",
        `The ARN is of partition ${arn.partition}, account ${target.accountId} of ${owner.partition}.`,
        "Check the ARN and the account.",
      ),
    ];
  // A bucket's ARN names none, and buckets are listed and reached in all. Elsewhere the provisioner may do nothing.
  if (arn.region && !owner.regions.includes(arn.region))
    return [
      refusal(
        "target.other-region",
        "target",
        `Drawbridge does not look into ${arn.region} in ${owner.name}, where the ${service.noun} is.`,
        `Check the ARN, or ask an admin to add ${arn.region} to the account's Regions.`,
      ),
    ];
  const known = arn.account || inventoryItem(estate, target.arn)?.accountId;
  if (!known)
    return [
      refusal(
        "target.not-in-inventory",
        "target",
        `No registered account is known to have the ${service.noun} "${service.shortName(arn)}".`,
        "Check the name. A new resource appears within minutes, at the next inventory sync.",
      ),
    ];
  if (known !== target.accountId)
    return [
      refusal(
        "target.other-owner",
        "target",
        `The ${service.noun} belongs to account ${known}, not ${target.accountId}.`,
        `Choose account ${known}.`,
      ),
    ];
  return [];
}
