import type { KnownGrants } from "#lib/aws/controller.ts";
import type { Db } from "#lib/db/types.ts";

/** Grants are never deleted: what is on record here this installation has made. */
export function knownGrantsIn(db: Db): KnownGrants {
  return async (ids) => {
    const rows = await db.grant.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
    return new Set(rows.map(({ id }) => id));
  };
}
