import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { database } from "#lib/db/client.ts";
import { webEnv } from "#lib/env.ts";
import type { Ids, SigningDeps } from "./deps.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** From the system's generator of random numbers. */
export const randomIds: Ids = {
  grant: () => Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join(""),
  correlation: () => randomUUID(),
  externalId: () => randomBytes(24).toString("base64url"),
};

/** What the web process gives its use cases and queries. */
export function webDeps(): SigningDeps {
  const env = webEnv();
  return {
    prisma: database().prisma,
    now: () => new Date(),
    installation: env.INSTALLATION_ID,
    signingKey: env.SIGNING_KEY,
    ids: randomIds,
  };
}
