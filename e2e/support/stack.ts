import { readFileSync } from "node:fs";
import { z } from "zod";

/** What the launcher of the browser tests started: for specs that look behind the scenes. */

const environment = z.record(z.string(), z.string());

const stackSchema = z.object({
  url: z.url(),
  sandboxUrl: z.url(),
  databaseUrl: z.string(),
  /** The environment of each process, to start another one just like it. */
  env: z.object({ web: environment, worker: environment }),
  personas: z.array(z.object({ name: z.string() })),
  /** Process numbers by name (web, worker, sandbox, database) as they were at the start. */
  pids: z.record(z.string(), z.number()),
});

export type Stack = z.infer<typeof stackSchema>;

/** @throws when Playwright was started without the launcher (`npm test -- e2e`) */
export function stack(): Stack {
  const file = process.env.E2E_STACK_FILE;
  if (!file) throw new Error("This spec needs the whole product: run it with `npm test -- e2e`.");
  return stackSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}
