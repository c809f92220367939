import { z } from "zod";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import type { Db, Prisma } from "../types.ts";

/** Of a request about a live grant: the form that it starts from. Null: it asks for new grants. */
export async function grantBefore(
  db: Db,
  row: Pick<Prisma.RequestGetPayload<object>, "baseRequestId" | "grantId">,
): Promise<Grant | null> {
  if (row.baseRequestId === null) return null;
  const base = await db.request.findUnique({ where: { id: row.baseRequestId }, include: { versions: true } });
  const version = base?.versions.find(({ number }) => number === base.currentVersion);
  const grants = z.array(grantSchema).parse(version?.grants ?? []);
  return grants.find(({ id }) => id === row.grantId) ?? null;
}
