import { type AccountId, parseArn } from "#lib/model/arn.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { inventoryItem } from "./context.ts";

/** A target and where it is. */
export interface TargetPlace {
  arn: string;
  accountId: AccountId;
  region: string;
  /** Key of the service catalogue. */
  service: string;
}

/** The targets of the grants, each once. An S3 ARN names no Region: the inventory does, else it is the cluster's. */
export function targetPlaces(grants: readonly Grant[], estate: Estate): TargetPlace[] {
  const places = grants.flatMap(({ target: { arn, accountId }, workload }): TargetPlace[] => {
    const parsed = parseArn(arn);
    if (!parsed) return [];
    const region = parsed.region || inventoryItem(estate, arn)?.region || workload.cluster.region;
    return [{ arn, accountId, region, service: parsed.service }];
  });
  return [...new Map(places.map((place) => [place.arn, place])).values()];
}
