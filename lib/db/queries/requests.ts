import type { Actor } from "#lib/model/person.ts";
import type { RequestState } from "#lib/model/states.ts";
import type { Reader } from "../types.ts";
import type { Page, RequestRow } from "./views.ts";

export interface RequestFilter {
  /** `open`: in review or waiting for changes. */
  state?: RequestState | "open";
  who?: "mine" | "awaiting-me";
  after?: string;
  limit?: number;
}

export async function requestList(
  _reader: Reader,
  _actor: Actor,
  _filter: RequestFilter,
): Promise<Page<RequestRow>> {
  throw new Error("being written");
}
