import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { buildEnvironment } from "./environment.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { nodeBinary } from "./host.mjs";
import { withLock } from "./lock.mjs";
import { DATA, folder, MODULES, ROOT } from "./paths.mjs";
import { followLauncher } from "./processes.mjs";
import { LaunchError, requireSpace } from "./steps.mjs";

const WEB_SOURCES = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema.prisma",
  "instrumentation.ts",
  "instrumentation-client.ts",
  "proxy.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];
// What the import rule keeps out of the web process, and what does not run there.
const NOT_WEB = /^lib\/(sandbox|worker|aws|db\/generated)$|\.test\.tsx?$/;

const CLIENT = join(ROOT, "lib/db/generated");
const CLIENT_MARKER = join(CLIENT, ".fingerprint");
const BUILDS = join(DATA, "web");
const KEPT_BUILDS = 3;

/** Generates the Prisma client when the schema (or Prisma) changed. */
export function generateClient(processes) {
  return withLock(join(DATA, "generate.lock"), async () => {
    const wanted = fingerprint([
      "prisma/schema.prisma",
      "prisma.config.ts",
      "node_modules/prisma/package.json",
    ]);
    if (readText(CLIENT_MARKER) === wanted) return "up to date";
    await processes.run("generate", {
      command: nodeBinary(),
      args: [...followLauncher, join(MODULES, "prisma/build/index.js"), "generate"],
      env: {
        ...buildEnvironment(),
        CHECKPOINT_DISABLE: "1",
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        // The command line would download a schema engine that `generate` then does not use; any program will do.
        PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? nodeBinary(),
      },
      what: "The Prisma client could not be generated.",
      next: "mend prisma/schema.prisma and run the same command again.",
    });
    writeFileSync(CLIENT_MARKER, wanted);
    return "generated";
  });
}

/**
 * Builds the web application when its sources changed. Each build is kept in a folder of its own, so that a new
 * one (by a test run) leaves alone the one that a running demo serves.
 * @returns the server's file and a note
 */
export function buildWeb(processes) {
  return withLock(join(DATA, "build.lock"), async () => {
    const wanted = fingerprint(WEB_SOURCES, (path) => NOT_WEB.test(path));
    const target = join(BUILDS, wanted);
    const server = () => join(target, serverPath(readText(join(target, ".server"))));
    if (existsSync(join(target, ".server"))) {
      utimesSync(target, new Date(), new Date());
      return { server: server(), note: "up to date" };
    }
    requireSpace(folder(BUILDS), 300, "the web application's build");
    await nextBuild(processes);
    rmSync(target, { recursive: true, force: true });
    cpSync(join(ROOT, ".next/standalone"), target, { recursive: true, verbatimSymlinks: true });
    // Written last: a copy without it is not complete.
    writeFileSync(join(target, ".server"), standaloneFolder());
    removeOldBuilds();
    return { server: server(), note: "built" };
  });
}

/** `next build`, and beside its server the files that the server does not copy itself. */
export async function nextBuild(processes) {
  await processes.run("build", {
    command: nodeBinary(),
    args: [...followLauncher, join(MODULES, "next/dist/bin/next"), "build"],
    env: buildEnvironment(),
    what: "The web application could not be built.",
    next: "see the log; after mending the sources run the same command again.",
  });
  const standalone = dirname(builtServer());
  cpSync(join(ROOT, ".next/static"), join(standalone, ".next/static"), { recursive: true });
  if (existsSync(join(ROOT, "public")))
    cpSync(join(ROOT, "public"), join(standalone, "public"), { recursive: true });
}

/** The server of the last `npm run build`. */
export function builtServer() {
  const server = existsSync(join(ROOT, ".next/BUILD_ID"))
    ? join(ROOT, ".next/standalone", serverPath(standaloneFolder()))
    : null;
  if (server && existsSync(server)) return server;
  throw new LaunchError("The web application has not been built.", { next: "run npm run build first." });
}

/** Next puts the server deeper when it finds the root of a workspace above the checkout. */
function standaloneFolder() {
  try {
    return (
      JSON.parse(readFileSync(join(ROOT, ".next/required-server-files.json"), "utf8")).relativeAppDir ?? ""
    );
  } catch {
    return "";
  }
}

function serverPath(relativeFolder) {
  return join(relativeFolder ?? "", "server.js");
}

function removeOldBuilds() {
  const builds = readdirSync(BUILDS).map((name) => join(BUILDS, name));
  const newestFirst = builds.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const build of newestFirst.slice(KEPT_BUILDS)) rmSync(build, { recursive: true, force: true });
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
