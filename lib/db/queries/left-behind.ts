import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type LeftBehind, leftBehind } from "#lib/model/giving-up.ts";
import type { GrantId } from "#lib/model/grant.ts";
import type { StepState } from "#lib/model/states.ts";
import type { Db } from "../types.ts";
import { resourceTitle } from "./plan-view.ts";
import type { LeftView } from "./views/common.ts";

/** What a revocation has not taken away, by the rows of its steps: all of it, or one access's part. */
export async function leftBehindBy(db: Db, runId: string, grantId?: GrantId): Promise<LeftBehind> {
  const rows = await db.step.findMany({
    where: { runId },
    orderBy: { position: "asc" },
    select: { state: true, resource: true },
  });
  return leftBehind(
    rows.map(({ state, resource }) => {
      // The worker writes this column from a `CloudResource` of its plan.
      const of = resource as unknown as CloudResource;
      return { state: state as StepState, resource: of, title: resourceTitle(of) };
    }),
    grantId,
  );
}

export function leftViews(left: LeftBehind, accountName: (id: string) => string | undefined): LeftView[] {
  return left.map((one) => ({ ...one, accountName: accountName(one.accountId) ?? one.accountId }));
}
