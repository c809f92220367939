import { workloadColumns } from "#lib/db/estate.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { compiled, type Picture, RunRefused } from "./picture.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Whether a statement of another grant that is being taken back may still be in a shared policy and names the role. The
 * role stays until then: a policy with a statement that names a role that is gone takes no change any more, by whichever
 * workload.
 *
 * What counts is on record, not what AWS shows, which may be old: each run has its own statement's removal on record
 * before it comes to the role, and the role's lock puts them one after the other. So the last of them deletes it.
 *
 * Source: domain reference §2, dangling principals.
 */
export async function namedByOthers(
  ctx: RunContext,
  { grants: [first], estate }: Picture,
  { kind, key }: CloudResource,
): Promise<boolean> {
  if (kind !== "role" || !first) return false;
  const { deps, lease } = ctx;
  const rows = await deps.prisma.grant.findMany({
    where: {
      ...workloadColumns(first.workload),
      wanted: false,
      state: { not: "revoked" },
      id: { notIn: lease.run.grantIds },
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  const going = rows.map(({ spec }) => grantSchema.parse(spec));
  const naming = resourcesOf(ctx, going, estate).filter(
    (one) => one.kind === "resource-policy-statements" && one.dependsOn.includes(key),
  );
  if (naming.length === 0) return false;
  const removed = await deps.prisma.run.findMany({
    where: { kind: "revoke", grantIds: { hasSome: going.map(({ id }) => id) } },
    select: { steps: { where: { state: { in: ["succeeded", "skipped"] } }, select: { key: true } } },
  });
  const gone = new Set(removed.flatMap(({ steps }) => steps.map((step) => step.key)));
  return naming.some((one) => !gone.has(one.key));
}

function resourcesOf(
  { deps }: RunContext,
  grants: readonly Grant[],
  estate: Picture["estate"],
): CloudResource[] {
  try {
    return compiled(deps, grants, estate);
  } catch (error) {
    // What can't be made of what is registered now can't be looked for either: its own run says so.
    if (error instanceof RunRefused) return [];
    throw error;
  }
}
