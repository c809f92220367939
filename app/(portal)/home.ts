import { cache } from "react";
import { homeView } from "#lib/db/queries/home.ts";
import type { Actor } from "#lib/model/person.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/** Read once a request: the navigation counts what the home page lists. */
export const home = cache((actor: Actor) => homeView(webDeps(), actor));
