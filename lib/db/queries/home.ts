import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { HomeView } from "./views.ts";

export async function homeView(_reader: Reader, _actor: Actor): Promise<HomeView> {
  throw new Error("being written");
}
