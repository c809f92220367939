import { workloadColumns } from "#lib/db/estate.ts";
import type { Db } from "#lib/db/types.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { united } from "#lib/plan/closure.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";
import { unfinishedForms } from "./earlier-forms.ts";
import { compiled, RunRefused } from "./picture.ts";

/**
 * Everything that any grant of the cluster still owns, also those that are being taken back, and in the earlier forms
 * from which a change leads that has not come to its end: it is nobody else's. Nor is what was theirs who were revoked a
 * moment ago: AWS may still show it. What one has left behind that was given up is nobody's. One that is being taken back
 * may not fit beside those that came after it; then each counts by itself.
 */
export async function ownedOnCluster(
  db: Db,
  deps: Pick<WorkerDeps, "compile" | "timing">,
  workload: Grant["workload"],
  estate: Estate,
): Promise<CloudResource[]> {
  const { clusterAccountId, clusterRegion, clusterName } = workloadColumns(workload);
  const settled = new Date((await databaseNow(db)).getTime() - deps.timing.settledAfterMs);
  const rows = await db.grant.findMany({
    where: {
      ...{ clusterAccountId, clusterRegion, clusterName },
      OR: [{ state: { not: "revoked" }, givenUpAt: null }, { revokedAt: { gt: settled } }],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  const grants = rows.map(({ spec }) => grantSchema.parse(spec));
  const earlier = await unfinishedForms(
    db,
    grants.map(({ id }) => id),
  );
  const forms = [...earlier.values()].flat().map((form) => [form]);
  const together = possible([grants]);
  return united([
    ...(together.length > 0 ? together : possible(grants.map((grant) => [grant]))),
    ...possible(forms),
  ]);

  function possible(groups: readonly (readonly Grant[])[]): CloudResource[][] {
    return groups.flatMap((some) => {
      try {
        return [compiled(deps, some, estate)];
      } catch (error) {
        if (error instanceof RunRefused) return [];
        throw error;
      }
    });
  }
}
