import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildWeb, generateClient } from "./build.mjs";
import { environments, secrets } from "./environment.mjs";
import { nodeBinary } from "./host.mjs";
import { folder, ROOT } from "./paths.mjs";
import { freePort } from "./ports.mjs";
import { isReady, startPostgres } from "./postgres.mjs";
import { followLauncher } from "./processes.mjs";
import { step } from "./steps.mjs";

/**
 * Starts the whole product on this machine: database, sandbox AWS, web and worker. Everything it keeps lies in
 * one state folder, so that a demo and a test run can live side by side.
 * @param options `stateFolder`, `installation`, `port` of the web, `databaseUrl` for a database of the person's own
 * @returns what others need to talk to it: addresses, environments and personas
 */
export async function startStack(
  processes,
  { stateFolder, installation, port, databaseUrl, durable = true },
) {
  folder(stateFolder);
  const keys = secrets(stateFolder);
  const ports = await keptPorts(stateFolder);

  const database = databaseUrl
    ? { url: databaseUrl }
    : await step("Start the database", () =>
        startPostgres(processes, {
          stateFolder,
          port: ports.database,
          password: keys.databasePassword,
          database: "drawbridge",
          durable,
        }),
      );
  const stack = { installation, port, sandboxPort: ports.sandbox, stateFolder, secrets: keys };
  const env = environments({ ...stack, databaseUrl: database.url });

  await step("Generate the database client", () => generateClient(processes));
  await step("Apply migrations", () => migrate(processes, env.migrate, databaseUrl));
  await step("Start the sandbox AWS", () =>
    processes.service("sandbox", {
      ...typescript("lib/sandbox/main.ts", env.sandbox),
      ready: { line: isReady },
    }),
  );
  const personas = await step("Seed", () => seed(processes, env.seed)).then(({ personas }) => personas);
  const { server } = await step("Build the web application", () => buildWeb(processes));
  await step("Start the web application", () => startWeb(processes, server, env.web));
  await step("Start the worker", () => startWorker(processes, env.worker));

  return {
    url: env.web.APP_URL,
    sandboxUrl: env.worker.AWS_ENDPOINT,
    databaseUrl: database.url,
    env,
    personas,
  };
}

function typescript(file, env) {
  return { command: nodeBinary(), args: [...followLauncher, join(ROOT, file)], env };
}

/** The sandbox's address is part of what it keeps (issuers of web identity tokens), so it stays where it was. */
async function keptPorts(stateFolder) {
  const path = join(stateFolder, "ports.json");
  const kept = readJson(path) ?? {};
  const ports = { database: await freePort(kept.database), sandbox: await freePort(kept.sandbox) };
  writeFileSync(path, JSON.stringify(ports));
  return ports;
}

async function migrate(processes, env, given) {
  let note = "";
  await processes.run("migrate", {
    command: nodeBinary(),
    args: [...followLauncher, join(ROOT, "scripts/migrate.mjs")],
    env,
    what: "The database could not be migrated.",
    next: given
      ? "see that DATABASE_URL names a database that answers and in which its user may create tables."
      : "see the log; npm run demo -- --reset starts over with an empty database.",
    onLine: (line) => {
      note = line;
    },
  });
  return note;
}

/** The seed tells what it did in lines of JSON; one of them introduces the people of the demo. */
async function seed(processes, env) {
  const file = env.DRAWBRIDGE_PERSONAS_FILE;
  await processes.run("seed", {
    ...typescript("prisma/seed.ts", env),
    what: "The example data could not be written.",
    next: "see the log; npm run demo -- --reset starts over.",
    onLine: (line) => {
      if (line.startsWith("{") && line.includes('"personas"')) writeFileSync(file, line);
    },
  });
  const personas = existsSync(file) ? (readJson(file)?.personas ?? []) : [];
  return { personas, note: "" };
}

function startWeb(processes, server, env) {
  const probe = async () => {
    const answer = await fetch(`http://127.0.0.1:${env.PORT}/api/health`, {
      signal: AbortSignal.timeout(5_000),
    });
    await answer.arrayBuffer();
    return answer.ok;
  };
  return processes
    .service("web", { command: nodeBinary(), args: [...followLauncher, server], env, ready: { probe } })
    .then(() => "");
}

/** The worker serves nobody: it says when it has begun. */
function startWorker(processes, env) {
  return processes
    .service("worker", { ...typescript("lib/worker/main.ts", env), ready: { line: isReady } })
    .then(() => "");
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
