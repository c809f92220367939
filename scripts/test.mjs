import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findBrowser } from "./launch/browser.mjs";
import { generateClient } from "./launch/build.mjs";
import { prepareParliament, prepareSimulator } from "./launch/differential.mjs";
import { testEnvironment } from "./launch/environment.mjs";
import { checkHost, nodeBinary } from "./launch/host.mjs";
import { installDependencies } from "./launch/install.mjs";
import { withLock } from "./launch/lock.mjs";
import { prepareMoto, startMoto } from "./launch/moto.mjs";
import { DATA, folder, LOGS, MODULES } from "./launch/paths.mjs";
import { freePort } from "./launch/ports.mjs";
import { dataFolder, startPostgres } from "./launch/postgres.mjs";
import { followLauncher, Processes } from "./launch/processes.mjs";
import { runUntilStopped } from "./launch/session.mjs";
import { startStack } from "./launch/stack.mjs";
import { LaunchError, report, step } from "./launch/steps.mjs";
import { playwrightCounts, vitestCounts } from "./launch/test-report.mjs";

/**
 * npm test: everything that can be checked on this machine, from a fresh clone. A failed stage does not keep the
 * next ones from running. The last line says how many checks passed and failed: the type check and the linter
 * count as one each, every test as one.
 *
 *     npm test -- unit             that stage alone
 *     npm test -- e2e sign-in      what follows is the test runner's
 */

const RESULTS = join(DATA, "test");
/** How many of the browser's spec files run at a time. */
const LANES = 2;
/** Each process of tests empties and fills a moto of its own. */
const MOTO_SERVERS = 2;
const STAGES = { types, lint, unit, differential, integration, moto, e2e };

await runUntilStopped(async (session) => {
  checkHost();
  const { stages, rest } = parseArguments(process.argv.slice(2));
  const groups = [];
  const group = (name) => {
    const made = new Processes({
      logs: join(LOGS, "test", name),
      onRestart: (service, why) => console.log(`  ! The ${service} stopped: ${why} It is started again.`),
      onGaveUp: session.fail,
    });
    groups.push(made);
    return made;
  };
  const processes = group("");
  session.onStop(
    () => Promise.all(groups.map((one) => one.stop())),
    () => {
      for (const one of groups) one.killNow();
    },
  );

  await step("Install dependencies", installDependencies);
  await step("Generate the database client", () => generateClient(processes));
  folder(RESULTS);
  const results = [];
  for (const name of stages) {
    console.log(`\n── ${name} ${"─".repeat(70 - name.length)}`);
    results.push({ name, ...(await runStage(STAGES[name], { processes, group, rest })) });
  }
  return conclude(results);
});

function parseArguments(given) {
  const known = given.filter((argument) => argument in STAGES);
  const rest = given.filter((argument) => !(argument in STAGES));
  if (rest.length > 0 && known.length !== 1) {
    throw new LaunchError(`There is no stage ${rest.join(" ")}.`, {
      next: `npm test runs all, and npm test -- NAME one of ${Object.keys(STAGES).join(", ")}.`,
    });
  }
  return {
    stages:
      known.length > 0 ? Object.keys(STAGES).filter((name) => known.includes(name)) : Object.keys(STAGES),
    rest,
  };
}

async function runStage(stage, tools) {
  const started = Date.now();
  let counts;
  try {
    counts = await stage(tools);
  } catch (error) {
    report(error);
    counts = { passed: 0, failed: 1 };
  }
  return { ...counts, seconds: (Date.now() - started) / 1000 };
}

/** What failed is said once more here: of a long log, often only the end is kept. */
function conclude(results) {
  const total = (key) => results.reduce((sum, result) => sum + (result[key] ?? 0), 0);
  const failures = results.flatMap(({ failures = [] }) => failures);
  if (failures.length > 0) console.log(`\n── failures ${"─".repeat(62)}`);
  for (const { file, title, why } of failures) {
    console.log(`  ✗ ${[file, title].filter(Boolean).join(" › ")}\n${why.replace(/^/gm, "      ")}`);
  }
  console.log(`\n── summary ${"─".repeat(63)}`);
  for (const { name, passed, failed, skipped, flaky, seconds } of results) {
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`;
    const rest = [skipped && `${skipped} skipped`, flaky && `${flaky} passed at the second try`];
    console.log(
      [`  ${name.padEnd(12)}${counts}`, ...rest.filter(Boolean), `${seconds.toFixed(1)} s`].join("  "),
    );
  }
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") > 0 ? 1 : 0;
}

async function types({ processes }) {
  // Makes the types of the routes and next-env.d.ts, which are not kept in git.
  const typegen = await tool(processes, "next/dist/bin/next", ["typegen"]);
  const tsc = await tool(processes, "typescript/bin/tsc", ["--noEmit"]);
  return one(typegen === 0 && tsc === 0);
}

async function lint({ processes }) {
  return one((await tool(processes, "@biomejs/biome/bin/biome", ["check", "."])) === 0);
}

function unit({ processes, rest }) {
  return vitest(processes, "unit", rest, {});
}

/**
 * Policy decisions and findings against programs by others: a sample, or `--count N` cases, of the seed `--seed N`.
 * What can't be had here is skipped; what is left is still compared.
 */
async function differential({ processes, rest }) {
  const simulator = await step("Install iam-simulate", () => prepareSimulator(processes));
  const parliament = await step("Install parliament", () => prepareParliament(processes));
  const missing = [simulator, parliament].filter((one) => one.missing);
  for (const one of missing) console.log(`  Skipped: ${one.missing}`);
  if (missing.length === 2) return { passed: 0, failed: 0, skipped: 2 };
  const { env, others } = numbersIn(rest, {
    "--count": "TEST_DIFFERENTIAL_COUNT",
    "--seed": "TEST_DIFFERENTIAL_SEED",
  });
  const left = [...(simulator.missing ? [] : ["decisions"]), ...(parliament.missing ? [] : ["findings"])];
  const counts = await vitest(processes, "differential", [...left, ...others], {
    ...env,
    ...(simulator.missing ? {} : { TEST_DIFFERENTIAL_SIMULATOR: simulator.home }),
    ...(parliament.missing ? {} : { TEST_DIFFERENTIAL_PYTHON: parliament.python }),
  });
  return { ...counts, skipped: (counts.skipped ?? 0) + missing.length };
}

/** Options with a number after them, as environment variables. */
function numbersIn(given, names) {
  const env = {};
  const others = [...given];
  for (const [option, variable] of Object.entries(names)) {
    const at = others.indexOf(option);
    if (at < 0) continue;
    const [, value] = others.splice(at, 2);
    if (!/^\d+$/.test(value ?? ""))
      throw new LaunchError(`${option} takes a number.`, { next: "write it after the option." });
    env[variable] = value;
  }
  return { env, others };
}

function integration({ processes, rest }) {
  return withDatabase(processes, (env) => vitest(processes, "integration", rest, env));
}

/** Once more, of the integration tests, all that an AWS emulator by others can hold. */
async function moto({ processes, rest }) {
  const { python, missing } = await step("Install moto", () => prepareMoto(processes));
  if (missing) {
    console.log(`  Skipped: ${missing}`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const starting = Promise.all(
    Array.from({ length: MOTO_SERVERS }, (_, index) => startMoto(processes, python, `moto-${index + 1}`)),
  );
  // It may fail while the database starts, when nobody waits for it yet.
  starting.catch(() => {});
  return withDatabase(processes, async (env) => {
    const urls = await starting;
    const args = [`--maxWorkers=${MOTO_SERVERS}`, ...rest];
    const motoEnv = { ...env, TEST_MOTO_URLS: urls.join(" "), TEST_MOTO_PYTHON: python };
    return vitest(processes, "moto", args, motoEnv);
  });
}

/** @param work gets the environment that names a Postgres of its own */
async function withDatabase(processes, work) {
  const given = process.env.TEST_DATABASE_URL;
  const stateFolder = mkdtempSync(join(tmpdir(), "drawbridge-test-"));
  const removed = () => rmSync(stateFolder, { recursive: true, force: true });
  process.once("exit", removed);
  try {
    if (given) return await work({ TEST_DATABASE_URL: given });
    const { url } = await startPostgres(processes, {
      stateFolder,
      port: await freePort(),
      password: "integration",
      database: "postgres",
      durable: false,
    });
    return await work({ TEST_DATABASE_URL: url });
  } finally {
    await processes.stopServices();
    removed();
  }
}

/**
 * Products side by side, each with a database, a sandbox and ports of its own: the journeys compare whole AWS
 * accounts before and after, so no two of them share one. They can run beside a demo, and start empty each time.
 */
function e2e({ processes, group, rest }) {
  return withLock(join(DATA, "e2e.lock"), async () => {
    const browser = await step("Find a browser", findBrowser);
    const lanes = Array.from({ length: LANES }, (_, index) => ({
      processes: group(`lane-${index + 1}`),
      stateFolder: join(DATA, "e2e", String(index + 1)),
    }));
    for (const { stateFolder } of lanes) rmSync(dataFolder(stateFolder), { recursive: true, force: true });
    rmSync(join(DATA, "e2e"), { recursive: true, force: true });
    try {
      const files = [];
      for (const lane of lanes) files.push(await startLane(lane));
      const counts = await playwright(processes, rest, {
        E2E_STACK_FILES: files.join(delimiter),
        E2E_CHROMIUM: browser.path,
      });
      // A spec may kill a process; one that ended by itself has crashed.
      const crashes = lanes.flatMap((lane) => lane.processes.crashes);
      for (const crash of crashes) console.log(`  ✗ crashed: ${crash}`);
      return { ...counts, failed: counts.failed + crashes.length };
    } finally {
      await Promise.all(lanes.map((lane) => lane.processes.stopServices()));
    }
  });
}

/** @returns the file that tells the specs what was started */
async function startLane({ processes, stateFolder }) {
  const stack = await startStack(processes, {
    stateFolder,
    installation: "e2e",
    port: await freePort(),
    durable: false,
  });
  const file = join(stateFolder, "stack.json");
  writeFileSync(file, JSON.stringify({ ...stack, pids: processes.pids() }), { mode: 0o600 });
  return file;
}

async function vitest(processes, project, rest, env) {
  const file = resultFile(project);
  const code = await tool(
    processes,
    "vitest/vitest.mjs",
    [
      "run",
      "--project",
      project,
      // Where much is left out, each test says why.
      `--reporter=${project === "moto" ? "verbose" : "default"}`,
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...rest,
    ],
    env,
  );
  return counted(project, file, vitestCounts(file), code);
}

async function playwright(processes, rest, env) {
  const file = resultFile("e2e");
  const code = await tool(processes, "@playwright/test/cli.js", ["test", "--reporter=list,json", ...rest], {
    ...env,
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
  });
  return counted("e2e", file, playwrightCounts(file), code);
}

/** A runner that fails without a failed test (a crash, no test at all) counts as one failure. */
function counted(name, file, counts, code) {
  if (counts) renameSync(file, join(RESULTS, `${name}.json`));
  const { failed, ...others } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  return { ...others, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** Of this run alone: two runs of the same checkout must not count each other's tests. */
function resultFile(name) {
  return join(RESULTS, `${name}-${process.pid}.json`);
}

function one(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
}

async function tool(processes, file, args, env = {}) {
  const { code } = await processes.foreground({
    command: nodeBinary(),
    args: [...followLauncher, join(MODULES, file), ...args],
    env: testEnvironment(env),
  });
  return code;
}
