import { workloadColumns } from "#lib/db/estate.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { grantSchema } from "#lib/model/grant.ts";
import { compiled, type Picture, RunRefused } from "./picture.ts";
import type { RunContext } from "./run-context.ts";
import { observeOne } from "./verify.ts";

/**
 * Whether a statement of another grant that is being taken back is still in a shared policy and names the role. The role
 * stays until then: a policy with a statement that names a role that is gone takes no change any more, by whichever
 * workload. That grant's own run has its statement removed before it comes to the role, so that the last of them deletes
 * it; the role's lock puts them one after the other.
 *
 * Source: domain reference §2, dangling principals.
 */
export async function namedByOthers(
  ctx: RunContext,
  { grants, estate }: Picture,
  { kind, key }: CloudResource,
): Promise<boolean> {
  const [first] = grants;
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
  const statements = going(ctx, estate, rows).filter(
    (one) => one.kind === "resource-policy-statements" && one.dependsOn.includes(key),
  );
  const observed = await Promise.all(statements.map((one) => observeOne(ctx, one)));
  return observed.some(({ state }) => state === "present");
}

function going(
  { deps }: RunContext,
  estate: Picture["estate"],
  rows: readonly { spec: unknown }[],
): CloudResource[] {
  try {
    const grants = rows.map(({ spec }) => grantSchema.parse(spec));
    return compiled(deps, grants, estate);
  } catch (error) {
    // What can't be made of what is registered now can't be looked for either: its own run says so.
    if (error instanceof RunRefused) return [];
    throw error;
  }
}
