import type { NextRequest } from "next/server";
import { currentActor } from "#lib/auth/actor.ts";
import { type Change, subscribe } from "#lib/db/notify.ts";
import { scopeOf } from "#lib/db/visibility.ts";
import { webEnv } from "#lib/env.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { concerns, readInterests, readSince, seesAny } from "./visible.ts";

export const dynamic = "force-dynamic";

const HEARTBEAT_MS = 20_000;
/** Then the browser comes again and is looked at anew: sessions end, and groups change. */
const LONGEST_MS = 5 * 60_000;
/** Changes of rows that a page follows as a kind are looked up together. */
const GATHER_MS = 300;

/**
 * Tells a page that something it shows has changed, and nothing more: topic and id. The page then reads anew, with
 * its own permissions. All streams of the process share one connection to the change feed.
 */
export async function GET(request: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return refuse(401);
  const interests = readInterests(request.nextUrl.searchParams);
  if (!interests) return refuse(400);
  const { prisma } = webDeps();
  const scope = await scopeOf(prisma, actor);
  for (const { topic, id } of interests)
    if (id !== null && !(await seesAny(prisma, scope, topic, [id]))) return refuse(404);

  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      const tell = (change: Change) => send(`event: change\ndata: ${JSON.stringify(change)}\n\n`);
      let waiting: Change[] = [];
      let gathering: NodeJS.Timeout | undefined;

      async function lookUp() {
        gathering = undefined;
        const changes = waiting;
        waiting = [];
        for (const topic of new Set(changes.map((change) => change.topic))) {
          const ids = changes.filter((change) => change.topic === topic).map((change) => change.id);
          if (await seesAny(prisma, scope, topic, ids)) tell({ topic, id: "" });
        }
      }

      const unsubscribe = subscribe(webEnv().DATABASE_URL, {
        onChange(change) {
          const how = concerns(interests, change);
          if (how === "row") tell(change);
          if (how !== "kind") return;
          waiting.push(change);
          // A look-up that fails loses a hint, which the next change or visit makes up for.
          gathering ??= setTimeout(() => void lookUp().catch(() => {}), GATHER_MS);
        },
        since: readSince(request.nextUrl.searchParams),
        // What came before the feed was there may have been missed.
        onResync: () => tell({ topic: "resync", id: "" }),
      });
      const heartbeat = setInterval(() => send(": still here\n\n"), HEARTBEAT_MS);
      const ending = setTimeout(() => stop(), LONGEST_MS);

      stop = () => {
        stop = () => {};
        clearInterval(heartbeat);
        clearTimeout(ending);
        clearTimeout(gathering);
        unsubscribe();
        try {
          controller.close();
        } catch {
          // The browser has gone already.
        }
      };
      request.signal.addEventListener("abort", () => stop());
      send("event: ready\ndata: {}\n\n");
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      // `no-transform`: a compressing proxy would hold the events back until its buffer is full.
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: { "cache-control": "no-store" } });
}
