import { sealHistory } from "#lib/db/audit-chain.ts";
import type { Anchors } from "./anchors.ts";
import type { WorkerDeps } from "./deps.ts";

/** Milliseconds after which all events are looked at, and not the latest only. */
const everythingAfterMs = 3_600_000;

type SealDeps = Pick<WorkerDeps, "prisma" | "timing" | "stopping">;

/**
 * Seals what was written since the last look, and notes the head. Every worker looks and notes, so that each has
 * anchors of its own; one at a time seals.
 *
 * @returns the look
 */
export function sealer(deps: SealDeps, anchors: Anchors): () => Promise<void> {
  let looked: number | undefined;
  return async () => {
    const { prisma, timing, stopping } = deps;
    const now = timing.now();
    const everything = looked === undefined || now - looked >= everythingAfterMs;
    const { head, at, behind } = await sealHistory(prisma, { everything, signal: stopping });
    if (behind) return;
    if (everything) looked = now;
    await anchors.note(head, at);
  };
}
