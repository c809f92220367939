import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
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

/** One product for each of Playwright's workers; none when it was started without the launcher. */
export const stackFiles = (process.env.E2E_STACK_FILES ?? "").split(delimiter).filter(Boolean);

/** The product that this worker has for itself. */
export function stack(): Stack {
  const lane = Number(process.env.TEST_PARALLEL_INDEX ?? 0);
  const file = stackFiles[lane];
  if (!file) throw new Error("The browser tests need the product running: npm test -- e2e starts it.");
  return stackSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}
