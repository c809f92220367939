import type { Actor } from "#lib/model/person.ts";
import type { Prisma, Reader } from "../types.ts";
import { grantsVisible, scopeOf } from "../visibility.ts";
import { driftedGrants, grantRows, unverifiedGrantIds, withRequest } from "./grants.ts";
import { requestList } from "./requests.ts";
import type { GrantRow, HomeView } from "./views.ts";

/** Still active, with parts of two forms. */
const changeFailed = { state: "active", changeRun: { is: { state: "failed" } } };

const shown = 10;
/** More than this many are counted as this many. */
const counted = 200;
const expiresSoonDays = 30;

/** What waits for the actor, what they asked for, what ends soon, and what needs a look. */
export async function homeView(reader: Reader, actor: Actor): Promise<HomeView> {
  const { prisma, now } = reader;
  const scope = await scopeOf(prisma, actor);
  const visible = grantsVisible(scope);
  const soon = new Date(now().getTime() + expiresSoonDays * 86_400_000);
  const expiring = { AND: [visible, { state: "active", expiresAt: { lt: soon } }] };
  const troubled = {
    AND: [
      visible,
      {
        OR: [
          { state: "failed" },
          changeFailed,
          driftedGrants,
          { id: { in: await unverifiedGrantIds(prisma) } },
        ],
      },
    ],
  };
  const [awaiting, mine, openMine, active, expiringCount, attentionCount, expiringRows, attentionRows] =
    await Promise.all([
      requestList(reader, actor, { who: "awaiting-me", limit: counted }),
      requestList(reader, actor, { who: "mine", limit: shown }),
      prisma.request.count({
        where: { requesterId: actor.id, state: { in: ["in_review", "changes_requested"] } },
      }),
      prisma.grant.count({ where: { AND: [visible, { state: "active" }] } }),
      prisma.grant.count({ where: expiring }),
      prisma.grant.count({ where: troubled }),
      firstGrants(reader, expiring, { expiresAt: "asc" }),
      firstGrants(reader, troubled, { createdAt: "desc" }),
    ]);
  return {
    awaitingMe: awaiting.items.slice(0, shown),
    mine: mine.items,
    expiring: expiringRows,
    attention: attentionRows,
    counts: {
      awaitingMe: awaiting.items.length,
      openMine,
      active,
      attention: attentionCount,
      expiring: expiringCount,
    },
  };
}

async function firstGrants(
  { prisma }: Reader,
  where: Prisma.GrantWhereInput,
  order: Prisma.GrantOrderByWithRelationInput,
): Promise<GrantRow[]> {
  const rows = await prisma.grant.findMany({
    where,
    include: withRequest,
    orderBy: [order, { id: "asc" }],
    take: shown,
  });
  return grantRows(prisma, rows);
}
