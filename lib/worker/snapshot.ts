import type { Tx } from "#lib/db/types.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { policySnapshotKey } from "#lib/plan/snapshot.ts";
import { mergeStatements, statementsOfKey, withoutStatements } from "#lib/policy/merge.ts";

/** What was seen of a resource. */
export interface SeenResource {
  resource: CloudResource;
  observed: Observed;
}

/**
 * Writes what was seen of resources to the snapshot that previews are made from. What is gone stays as a row that
 * says so, until the next sync: one that began earlier must not bring the old state back.
 *
 * @param asOf when the reading began, where it holds nobody off: what was seen since then stays
 */
export async function putSnapshots(tx: Tx, seen: readonly SeenResource[], asOf?: Date): Promise<void> {
  const rows = new Map(seen.flatMap(rowsOf).map((row) => [row.key, row]));
  if (rows.size === 0) return;
  // One statement, in the order of the keys: two steps on one policy may write its row at the same time.
  await tx.$executeRaw`
    INSERT INTO "ObservedResource" ("key", "accountId", "observed", "seenAt")
    SELECT row->>'key', row->>'accountId', row->'observed', COALESCE(${asOf ?? null}::timestamptz, clock_timestamp())
    FROM jsonb_array_elements(${JSON.stringify([...rows.values()])}::jsonb) AS row ORDER BY row->>'key'
    ON CONFLICT ("key") DO UPDATE SET
      "accountId" = excluded."accountId", "observed" = excluded."observed", "seenAt" = excluded."seenAt"
    WHERE ${asOf === undefined} OR "ObservedResource"."seenAt" < ${asOf ?? null}::timestamptz`;
}

interface SnapshotRow {
  key: string;
  accountId: string;
  observed: Observed;
}

function rowsOf({ resource, observed }: SeenResource): SnapshotRow[] {
  const { key, accountId } = resource;
  const own = { key, accountId, observed };
  if (resource.kind !== "resource-policy-statements") return [own];
  const { service, resourceArn } = resource.body;
  const { surrounding } = observed;
  const policy: Observed = surrounding
    ? { state: "present", body: { service, resourceArn, statements: [] }, ours: false, surrounding }
    : { state: "absent" };
  return [own, { key: policySnapshotKey(resourceArn), accountId, observed: policy }];
}

/** What is there after a step, from what was there before it: what AWS shows is read back at the end of the run. */
export function afterStep(
  resource: CloudResource,
  before: Observed,
  effect: "created" | "updated" | "deleted" | "unchanged" | "kept",
): Observed {
  if (effect === "unchanged" || effect === "kept") return before;
  const surrounding =
    resource.kind === "resource-policy-statements"
      ? policyAfter(resource, before.surrounding, effect === "deleted")
      : undefined;
  const rest = surrounding ? { surrounding } : {};
  if (effect === "deleted") return { state: "absent", ...rest };
  return { state: "present", body: resource.body, ours: true, ...rest };
}

function policyAfter(
  { key, body }: CloudResource<"resource-policy-statements">,
  before: PolicyDocument | undefined,
  gone: boolean,
): PolicyDocument | undefined {
  const old = statementsOfKey(before, key).map(({ Sid }) => Sid);
  if (gone) return withoutStatements(before, old);
  const kept = new Set(body.statements.map(({ Sid }) => Sid));
  return withoutStatements(
    mergeStatements(before, body.statements),
    old.filter((sid) => !kept.has(sid)),
  );
}
