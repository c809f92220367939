import { z } from "zod";
import { canonicalJson } from "./digest.ts";
import type { Estate } from "./estate.ts";
import { type Grant, grantSchema } from "./grant.ts";

/** What the inventory knew of a target when access to it was asked for: the desired state is made from it. */
const targetFactsSchema = z.strictObject({
  arn: z.string(),
  accountId: z.string(),
  service: z.string(),
  name: z.string(),
  region: z.string(),
  encryption: z.string().nullable(),
});

export type TargetFacts = z.infer<typeof targetFactsSchema>;

/** What a version of a request asks for; it never changes. */
export interface VersionGrants {
  grants: Grant[];
  /** Of those targets that the inventory knew. Null: asked for before versions kept them. */
  targets: TargetFacts[] | null;
}

const versionGrantsSchema = z.object({
  grants: z.array(grantSchema),
  targets: z.array(targetFactsSchema).nullable(),
});

/** @param row a stored version */
export function versionGrants(row: { grants: unknown; targets: unknown }): VersionGrants {
  return versionGrantsSchema.parse(row);
}

/** What a version keeps of its grants' targets. */
export function targetFacts(grants: readonly Grant[], { inventory }: Estate): TargetFacts[] {
  const arns = new Set(grants.map(({ target }) => target.arn));
  return inventory
    .filter(({ arn }) => arns.has(arn))
    .map(({ arn, accountId, service, name, region, encryption }) => ({
      arn,
      accountId,
      service,
      name,
      region,
      encryption,
    }));
}

/**
 * The estate in which a version is compiled to compare its digest, which covers all of its grants. Those that are revoked
 * or changed by now count as they were approved, and so do their targets: a bucket that is deleted or has another key
 * since, after its access was revoked, is nothing to what is left. Targets of grants that stand are as they are today.
 *
 * @param standing the grants that are wanted, in the form that they have
 */
export function estateOfVersion(
  estate: Estate,
  { grants, targets }: VersionGrants,
  standing: readonly Grant[],
): Estate {
  const forms = new Map(standing.map((grant) => [grant.id, canonicalJson(grant)]));
  const stands = Map.groupBy(grants, (grant) => forms.get(grant.id) === canonicalJson(grant));
  const today = new Set(stands.get(true)?.map(({ target }) => target.arn));
  const then = new Set(stands.get(false)?.flatMap(({ target: { arn } }) => (today.has(arn) ? [] : [arn])));
  if (targets === null || then.size === 0) return estate;
  return {
    ...estate,
    inventory: [
      ...estate.inventory.filter(({ arn }) => !then.has(arn)),
      ...targets.filter(({ arn }) => then.has(arn)),
    ],
  };
}
