"use server";

import type { SearchHit } from "#components/shell/use-search.tsx";
import { currentActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import { grantList } from "#lib/db/queries/grants.ts";
import { requestList } from "#lib/db/queries/requests.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/** Of each kind. */
const shown = 6;

/** Requests and access that have the text in them, of those that the person may see; nothing where nobody may ask. */
export async function searchAction(text: string): Promise<SearchHit[]> {
  const origin = await requireSameOrigin();
  const actor = origin.ok ? await currentActor() : null;
  if (!actor || !(await limitRequest("search", actor.id)).ok) return [];
  const filter = { text: String(text), limit: shown };
  const [requests, grants] = await Promise.all([
    requestList(webDeps(), actor, filter),
    grantList(webDeps(), actor, filter),
  ]);
  return [
    ...requests.items.map(
      ({ number, title, state }): SearchHit => ({ kind: "request", id: String(number), title, state }),
    ),
    ...grants.items.map(
      ({ id, workload, target, state }): SearchHit => ({
        kind: "access",
        id,
        title: `${workload.namespace}/${workload.serviceAccount} → ${target.name}`,
        state,
      }),
    ),
  ];
}
