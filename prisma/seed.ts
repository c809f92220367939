import { createDatabase } from "#lib/db/client.ts";
import { envOrExit, workerEnv } from "#lib/env.ts";
import { seedDatabase } from "./seed/database.ts";
import { personas } from "./seed/organisation.ts";
import { sandboxSeed } from "./seed/sandbox.ts";

/**
 * Seeds the demo: the organisation's rows and its AWS accounts in the sandbox. Repeatable; it runs at every start.
 * It refuses to run against real AWS.
 */
const env = envOrExit(() => workerEnv());
if (env.DRAWBRIDGE_AWS !== "sandbox" || !env.AWS_ENDPOINT) {
  process.stderr.write(
    "The seed is for the sandbox only: DRAWBRIDGE_AWS is not sandbox, or AWS_ENDPOINT is not set.\n",
  );
  process.exit(1);
}

const database = createDatabase(env.DATABASE_URL);
try {
  const accounts = await seedDatabase(database.prisma);
  const worker = {
    id: process.env.AWS_ACCESS_KEY_ID ?? "",
    secret: process.env.AWS_SECRET_ACCESS_KEY ?? "",
  };
  const response = await fetch(new URL("/_sandbox/seed", env.AWS_ENDPOINT), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(sandboxSeed(accounts, env.INSTALLATION_ID, worker)),
  });
  if (!response.ok)
    throw new Error(`The sandbox refused the seed: ${response.status} ${await response.text()}`);
  const people = personas.map(({ name, roles, description }) => ({
    name,
    role: roles.at(-1) ?? "developer",
    description,
  }));
  process.stdout.write(`${JSON.stringify({ personas: people })}\n`);
} finally {
  await database.close();
}
