import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { GrantView } from "./views.ts";

export async function grantView(_reader: Reader, _actor: Actor, _grantId: string): Promise<GrantView | null> {
  throw new Error("being written");
}
