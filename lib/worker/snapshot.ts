import type { Prisma, Tx } from "#lib/db/types.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { policySnapshotKey, statementsOfKey } from "#lib/plan/snapshot.ts";
import { mergeStatements, withoutStatements } from "#lib/policy/merge.ts";

/** Any value as a JSON column takes it. */
export function json(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value));
}

/**
 * Writes what was seen of a resource to the snapshot that previews are made from. What is gone stays as a row that
 * says so, until the next sync: one that began earlier must not bring the old state back.
 */
export async function putSnapshot(tx: Tx, resource: CloudResource, observed: Observed): Promise<void> {
  await put(tx, resource.key, resource.accountId, observed);
  if (resource.kind !== "resource-policy-statements") return;
  const { service, resourceArn } = resource.body;
  const { surrounding } = observed;
  await put(
    tx,
    policySnapshotKey(resourceArn),
    resource.accountId,
    surrounding
      ? { state: "present", body: { service, resourceArn, statements: [] }, ours: false, surrounding }
      : { state: "absent" },
  );
}

async function put(tx: Tx, key: string, accountId: string, observed: Observed): Promise<void> {
  // One statement: two steps on one policy may write its row at the same time.
  await tx.$executeRaw`
    INSERT INTO "ObservedResource" ("key", "accountId", "observed", "seenAt")
    VALUES (${key}, ${accountId}, ${JSON.stringify(observed)}::jsonb, clock_timestamp())
    ON CONFLICT ("key") DO UPDATE SET
      "accountId" = excluded."accountId", "observed" = excluded."observed", "seenAt" = excluded."seenAt"`;
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
