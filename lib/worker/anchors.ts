import { appendFile, open } from "node:fs/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { Anchor, ChainHead } from "#lib/model/audit-chain.ts";

/**
 * The head of history's chain, written down outside the database: whoever can write to that can cut the chain's end
 * off, or make all of it anew, and only what stands elsewhere shows it. Each anchor vouches for all that came before
 * it, so lines may be lost or moved away; the latest are worth the most.
 */
export interface Anchors {
  /** Writes the head down, unless it is known already or another was written a moment ago. */
  note(head: ChainHead, at: Date): Promise<void>;
  /** All that were written to the file. */
  read(): Promise<Anchor[]>;
}

/** Milliseconds between two lines while history grows. */
const usualIntervalMs = 10_000;

const anchorSchema = z.object({
  position: z.number().int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
});

/**
 * @param options.file appended to, one line of JSON a head; without it the log is the only place
 * @param options.everyMs 0: each head that is noted
 */
export function createAnchors(options: { log: Logger; file?: string; everyMs?: number }): Anchors {
  const { log, file, everyMs = usualIntervalMs } = options;
  let written = Number.NEGATIVE_INFINITY;
  let last: string | undefined;
  return {
    async note({ position, hash }, at) {
      if (position === 0 || hash === last || performance.now() - written < everyMs) return;
      const anchor: Anchor = { position, hash, at: at.toISOString() };
      written = performance.now();
      // For whoever collects the logs: a copy out of the worker's reach is worth more than the file.
      log.info({ anchor }, "history sealed");
      if (file) await appendFile(file, `${JSON.stringify(anchor)}\n`);
      last = hash;
    },
    read: async () => (file ? readAnchors(file) : []),
  };
}

/** The anchors of a file; none if it is not there yet. A line that a crash cut short is passed over. */
export async function readAnchors(path: string): Promise<Anchor[]> {
  const file = await open(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  const anchors: Anchor[] = [];
  if (file)
    // Closes the file at its end.
    for await (const line of file.readLines()) {
      const { data } = anchorSchema.safeParse(json(line));
      if (data) anchors.push(data);
    }
  return anchors;
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
