import { cache } from "react";
import { homeView, waitingView } from "#lib/db/queries/home.ts";
import type { Actor } from "#lib/model/person.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/** Read once a request, by the navigation and by the page. */
export const waiting = cache((actor: Actor) => waitingView(webDeps(), actor));

export async function home(actor: Actor) {
  return homeView(webDeps(), actor, await waiting(actor));
}
