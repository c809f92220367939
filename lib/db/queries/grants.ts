import type { Actor } from "#lib/model/person.ts";
import type { GrantState } from "#lib/model/states.ts";
import type { Reader } from "../types.ts";
import type { GrantRow, Page } from "./views.ts";

export interface GrantFilter {
  /** `live`: all but revoked. */
  state?: GrantState | "live";
  who?: "mine";
  accountId?: string;
  /** In the workload's or the target's name. */
  text?: string;
  after?: string;
  limit?: number;
}

export async function grantList(
  _reader: Reader,
  _actor: Actor,
  _filter: GrantFilter,
): Promise<Page<GrantRow>> {
  throw new Error("being written");
}
