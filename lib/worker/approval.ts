import { authorise } from "./authorise.ts";
import { databaseNow } from "./deps.ts";
import { expireGrants } from "./expire.ts";
import { loadPicture, type Picture, RunRefused } from "./picture.ts";
import { expired } from "./refuse.ts";
import { type Known, type RunContext, until } from "./run-context.ts";
import { StandingChanged, standingOf, surroundingsOf } from "./standing.ts";

/** The run's right to widen access, as it was looked at. */
export interface Approval {
  picture: Picture;
  /** What it rests on; it holds as long as this stays the same. */
  standing: string;
  /** What else the picture was made from. */
  surroundings: string;
}

/**
 * Whether the run may still create or widen access, and with which picture. A refusal counts only if nothing changed
 * while it was found: the picture is read before the rows that speak against it, and a grant that is taken back
 * between the two must not hold up the others of its run. What was found before is found again, without compiling
 * everything anew, as long as nothing has changed that it was made from.
 *
 * @throws RunRefused
 */
export async function approvalOf(ctx: Asking): Promise<Approval> {
  const { deps, lease, known } = ctx;
  for (;;) {
    const [standing, surroundings] = await restsOn(ctx);
    const found = stillKnown(known, standing, surroundings);
    if (found) return found;
    try {
      const picture = await loadPicture(deps.prisma, deps, lease.run);
      await authorise(deps.prisma, deps, lease.run, picture);
      known.approval = { picture, standing, surroundings };
      return known.approval;
    } catch (error) {
      if (error instanceof RunRefused && error.failure.code === expired) await takeExpiredBack(ctx);
      if (!(error instanceof RunRefused) || (await standingOf(deps.prisma, lease.run)) === standing)
        throw error;
      lease.check();
    }
  }
}

/**
 * The look for end dates comes once a minute, and a run that makes several accesses meets the end of one before: that is
 * taken back at once, so that the others are made. Where there are no others, the run's refusal says it best.
 */
async function takeExpiredBack({ deps, lease }: Asking): Promise<void> {
  const now = await databaseNow(deps.prisma);
  const others = await deps.prisma.grant.count({
    where: {
      id: { in: lease.run.grantIds },
      wanted: true,
      OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
    },
  });
  if (others > 0) await expireGrants(deps, lease.run.grantIds);
}

type Asking = Pick<RunContext, "deps" | "lease" | "known">;

function restsOn({ deps, lease }: Asking): Promise<[standing: string, surroundings: string]> {
  return Promise.all([standingOf(deps.prisma, lease.run), surroundingsOf(deps.prisma, lease.run)]);
}

function stillKnown({ approval }: Known, standing: string, surroundings: string): Approval | undefined {
  return approval?.standing === standing && approval.surroundings === surroundings ? approval : undefined;
}

/** The run's picture as of now, whether or not it may still widen access. */
export async function pictureNow(ctx: Asking): Promise<Picture> {
  const { deps, lease, known } = ctx;
  const found = stillKnown(known, ...(await restsOn(ctx)));
  return found?.picture ?? loadPicture(deps.prisma, deps, lease.run);
}

/** What a step's right to widen access rests on, and when that was last seen to hold, in `timing`'s milliseconds. */
export interface Right {
  standing: string;
  seenAt: number;
}

/** Milliseconds for which that counts: about as long as a call to AWS is on its way. */
const countsForMs = 250;

/**
 * Asks again after a wait: a call may have waited for its turn, between two attempts, or for what AWS did not show yet.
 *
 * @throws RunRefused the right is gone
 * @throws StandingChanged it is another one: the run begins again with it
 */
export async function confirm(ctx: Asking, right: Right): Promise<void> {
  const { deps, lease } = ctx;
  const now = deps.timing.now();
  if (now - right.seenAt < countsForMs) return;
  if ((await standingOf(deps.prisma, lease.run)) !== right.standing) {
    await approvalOf(ctx);
    throw new StandingChanged(`What run ${lease.run.id} rests on has changed while it waited.`);
  }
  right.seenAt = now;
}

/** What the run's right to go on rests on as it begins; null where it only takes away, which needs none. */
export async function rightOf({ deps, lease }: Asking): Promise<Right | null> {
  const seenAt = deps.timing.now();
  return lease.run.kind === "revoke" ? null : { standing: await standingOf(deps.prisma, lease.run), seenAt };
}

/** Milliseconds between two questions whether a run that only reads still has its right. */
const askAgainMs = 1_000;

/**
 * Reads for as long as the run has its right. AWS may be waited for for minutes, and no other run with one of its grants
 * is begun meanwhile: who takes them back does not wait for what nobody wants any more.
 *
 * @throws RunRefused, StandingChanged as `confirm` does
 */
export async function whileRightful<T>(
  ctx: RunContext,
  right: Right | null,
  read: (ctx: RunContext) => Promise<T>,
): Promise<T> {
  if (!right) return read(ctx);
  const over = new AbortController();
  // By the real clock, as the lease is renewed: whatever it is that the reading waits for.
  const timer = setInterval(() => {
    confirm(ctx, right).catch((error: unknown) => {
      // Trouble with the database ends nothing here: it is asked again.
      if (error instanceof RunRefused || error instanceof StandingChanged) over.abort(error);
    });
  }, askAgainMs);
  try {
    return await until(ctx, over.signal, read);
  } finally {
    clearInterval(timer);
  }
}
