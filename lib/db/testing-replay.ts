import { replay, unlikeHistory } from "#lib/model/replay.ts";
import type { PrismaClient } from "./types.ts";

/** Where a database says something else of its requests, grants and runs than all of its history; for tests. */
export async function notAsHistoryTells(prisma: PrismaClient): Promise<string[]> {
  const select = { id: true, state: true };
  const events = await prisma.auditEvent.findMany({ orderBy: { id: "asc" } });
  const rows = {
    request: await prisma.request.findMany({ select }),
    grant: await prisma.grant.findMany({ select }),
    run: await prisma.run.findMany({ select }),
  };
  return unlikeHistory(rows, replay(events));
}
