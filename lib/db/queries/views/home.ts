import type { GrantRow } from "./grant.ts";
import type { RequestRow } from "./request.ts";

/** What waits, and the home page. */

export interface WaitingView {
  /** Requests that lack this actor's vote; up to 200. */
  awaitingMe: RequestRow[];
  /** How many grants failed, drifted, or were reported as not working. */
  attention: number;
}

export interface HomeView {
  awaitingMe: RequestRow[];
  mine: RequestRow[];
  expiring: GrantRow[];
  /** Failed, drifted, or reported as not working. */
  attention: GrantRow[];
  counts: { awaitingMe: number; openMine: number; active: number; attention: number; expiring: number };
}
