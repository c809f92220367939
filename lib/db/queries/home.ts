import { grantTroubles } from "#lib/model/grant-trouble.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Prisma, Reader } from "../types.ts";
import { grantsVisible, scopeOf } from "../visibility.ts";
import { driftedGrants, grantRows, unverifiedGrantIds, withRequest } from "./grants.ts";
import { requestList } from "./requests.ts";
import type { GrantRow } from "./views/grant.ts";
import type { HomeView, WaitingView } from "./views/home.ts";

/** Still active, with parts of two forms. */
const changeFailed = { state: "active", changeRun: { is: { state: "failed" } } };

const shown = 10;
/** Of so many that need a look the gravest are shown. */
const weighed = 50;
/** More than this many are counted as this many. */
const counted = 200;
const expiresSoonDays = 30;

/** What waits for the actor or needs a look: the navigation counts both, on every page. */
export async function waitingView(reader: Reader, actor: Actor): Promise<WaitingView> {
  const [awaiting, attention] = await Promise.all([
    requestList(reader, actor, { who: "awaiting-me", limit: counted }),
    troubled(reader, actor).then((where) => reader.prisma.grant.count({ where })),
  ]);
  return { awaitingMe: awaiting.items, attention };
}

/** What waits for the actor, what they asked for, what ends soon, and what needs a look. */
export async function homeView(reader: Reader, actor: Actor, waits?: WaitingView): Promise<HomeView> {
  const { prisma, now } = reader;
  const visible = grantsVisible(await scopeOf(prisma, actor));
  const soon = new Date(now().getTime() + expiresSoonDays * 86_400_000);
  const expiring = { AND: [visible, { state: "active", expiresAt: { lt: soon } }] };
  const [{ awaitingMe, attention }, mine, openMine, active, expiringCount, expiringRows, attentionRows] =
    await Promise.all([
      waits ?? waitingView(reader, actor),
      requestList(reader, actor, { who: "mine", limit: shown }),
      prisma.request.count({
        where: { requesterId: actor.id, state: { in: ["in_review", "changes_requested"] } },
      }),
      prisma.grant.count({ where: { AND: [visible, { state: "active" }] } }),
      prisma.grant.count({ where: expiring }),
      firstGrants(reader, expiring, { expiresAt: "asc" }),
      gravest(reader, actor),
    ]);
  return {
    awaitingMe: awaitingMe.slice(0, shown),
    mine: mine.items,
    expiring: expiringRows,
    attention: attentionRows,
    counts: { awaitingMe: awaitingMe.length, openMine, active, attention, expiring: expiringCount },
  };
}

/** Failed, drifted, or reported as not working. */
async function troubled({ prisma }: Reader, actor: Actor): Promise<Prisma.GrantWhereInput> {
  const [scope, unverified] = await Promise.all([scopeOf(prisma, actor), unverifiedGrantIds(prisma)]);
  const wrong = [{ state: "failed" }, changeFailed, driftedGrants, { id: { in: unverified } }];
  return { AND: [grantsVisible(scope), { OR: wrong }] };
}

/** Of what needs a look the gravest first, and of those the newest. */
async function gravest(reader: Reader, actor: Actor): Promise<GrantRow[]> {
  const where = await troubled(reader, actor);
  const rows = await firstGrants(reader, where, { createdAt: "desc" }, weighed);
  return rows.sort((a, b) => gravity(a) - gravity(b)).slice(0, shown);
}

/** What failed has not widened anything. */
function gravity({ trouble }: GrantRow): number {
  return trouble === null ? grantTroubles.length : grantTroubles.indexOf(trouble);
}

async function firstGrants(
  { prisma }: Reader,
  where: Prisma.GrantWhereInput,
  order: Prisma.GrantOrderByWithRelationInput,
  take = shown,
): Promise<GrantRow[]> {
  const rows = await prisma.grant.findMany({
    where,
    include: withRequest,
    orderBy: [order, { id: "asc" }],
    take,
  });
  return grantRows(prisma, rows);
}
