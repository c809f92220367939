import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { AccountView, ClusterView } from "./views.ts";

export async function accountsView(_reader: Reader, _actor: Actor): Promise<AccountView[]> {
  throw new Error("being written");
}

export async function clustersView(_reader: Reader, _actor: Actor): Promise<ClusterView[]> {
  throw new Error("being written");
}
