import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { RequestView } from "./views.ts";

export async function requestView(
  _reader: Reader,
  _actor: Actor,
  _number: number,
): Promise<RequestView | null> {
  throw new Error("being written");
}
