import { database } from "#lib/db/client.ts";

export const dynamic = "force-dynamic";

/** Ready when the database answers; for load balancers and the launcher. It says nothing about why it is not. */
export async function GET(): Promise<Response> {
  const headers = { "cache-control": "no-store" };
  try {
    await database().prisma.$queryRaw`SELECT 1`;
    return Response.json({ ok: true }, { headers });
  } catch {
    return Response.json({ ok: false }, { status: 503, headers });
  }
}
