import { feedPosition } from "#lib/db/notify.ts";
import { webEnv } from "#lib/env.ts";

/** Where the change feed stands: ask before a page reads, and hand it to its `LiveRefresh`. */
export function livePosition(): string | undefined {
  return feedPosition(webEnv().DATABASE_URL);
}
