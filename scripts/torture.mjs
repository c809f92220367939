import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateClient } from "./launch/build.mjs";
import { testEnvironment } from "./launch/environment.mjs";
import { checkHost, nodeBinary } from "./launch/host.mjs";
import { installDependencies } from "./launch/install.mjs";
import { LOGS, ROOT } from "./launch/paths.mjs";
import { freePort } from "./launch/ports.mjs";
import { startPostgres } from "./launch/postgres.mjs";
import { followLauncher, Processes } from "./launch/processes.mjs";
import { runUntilStopped } from "./launch/session.mjs";
import { step } from "./launch/steps.mjs";

/**
 * npm run torture: crashes, faults, foreign writers and random workflows against the engine, with a Postgres and
 * sandboxes of its own. Ends with a table; fails when a promise of the product did not hold.
 *
 *     npm run torture -- --only crash,pairs    those scenarios alone
 *     npm run torture -- --seed 123            the same choices as that run
 *     npm run torture -- --seed 123 --only faults --at 45    that round alone, which a violation names
 *     npm run torture -- --full                the counts of the whole plan: many hours
 *     npm run torture -- --full --shard 2/8    of all choices the second eighth: on several machines, or one by one
 *     npm run torture -- --planted             takes guards out of a copy, one by one: each must be noticed
 */

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string" },
    count: { type: "string" },
    at: { type: "string" },
    shard: { type: "string", default: "1/1" },
    full: { type: "boolean", default: false },
    planted: { type: "boolean", default: false },
  },
});
const seed = values.seed ?? String(randomInt(1_000_000));
const [shard, shards] = values.shard.split("/").map(Number);
if (!(Number.isInteger(shard) && Number.isInteger(shards) && shard >= 1 && shard <= shards)) {
  console.error(`--shard is which part of how many, such as 2/8, and not "${values.shard}".`);
  process.exit(2);
}
/** Which account comes first must make no difference: every other seed has them the other way round. */
const ACCOUNTS = Number(seed) % 2 === 0 ? "ascending" : "descending";
const PROGRAMS = join(ROOT, "lib/worker/torture");
/** Played by several processes, each a part. */
const SHARED = ["crash", "pairs", "frozen", "faults", "foreign", "workflows", "round-trips", "audit"];
/** They bring real workers, and one of them takes the database away from everybody. */
const ALONE = ["kill", "stop", "restarts"];
/** Of the everyday tests: their tables over all access patterns, whole. */
const TABLES = "tables";
/** One process is kept busy by one core; the database wants something too. */
const LANES = Math.max(2, availableParallelism() - 1);

await runUntilStopped(async (session) => {
  checkHost();
  const processes = new Processes({ logs: join(LOGS, "torture"), onGaveUp: session.fail });
  session.onStop(
    () => processes.stop(),
    () => processes.killNow(),
  );
  await step("Install dependencies", installDependencies);
  await step("Generate the database client", () => generateClient(processes));
  const stateFolder = mkdtempSync(join(tmpdir(), "drawbridge-torture-"));
  process.once("exit", () => rmSync(stateFolder, { recursive: true, force: true }));
  const database = { stateFolder, port: await freePort(), password: "torture", database: "postgres" };
  const { url } = await startPostgres(processes, { ...database, durable: false });
  // Scenarios ask for it; the lanes that work on this server wait it out like any worker.
  const restart = async () => {
    await processes.stopServices();
    await startPostgres(processes, { ...database, durable: false });
  };

  console.log(`\nSeed ${seed}. To play the same again: npm run torture -- --seed ${seed}\n`);
  const results = [];
  const play = (name, args) =>
    processes.run(name, {
      command: nodeBinary(),
      args: [...followLauncher, ...args],
      env: testEnvironment({ TEST_DATABASE_URL: url, NODE_NO_WARNINGS: "1", TEST_ACCOUNTS: ACCOUNTS }),
      what: "The torture broke off.",
      onLine: (line) => {
        const said = message(line);
        if (said?.scenario) results.push(said);
        else if (said?.restart === "postgres") void restart().catch(session.fail);
        else if (line.startsWith("  ")) console.log(line);
      },
    });
  if (values.planted) await play("planted", planted());
  else {
    const wanted = values.only?.split(",") ?? [...SHARED, ...ALONE, TABLES];
    const shared = wanted.filter((name) => !ALONE.includes(name) && name !== TABLES);
    // What is not shared out is of the first shard.
    const alone = wanted.filter((name) => ALONE.includes(name) && shard === 1);
    const lanes = Array.from({ length: LANES }, (_, part) => part);
    if (shared.length > 0)
      await Promise.all(
        lanes.map((lane) =>
          play(`lane-${lane + 1}`, scenarios(shared, (shard - 1) * LANES + lane, shards * LANES)),
        ),
      );
    if (alone.length > 0) await play("alone", scenarios(alone, 0, 1));
    if (wanted.includes(TABLES) && shard === 1) await play(TABLES, [join(PROGRAMS, "tables.ts")]);
  }
  return conclude(results);
});

function scenarios(names, part, lanes) {
  return [
    join(PROGRAMS, "main.ts"),
    ...["--seed", seed, "--share", `${part}/${lanes}`, "--only", names.join(",")],
    ...(values.count ? ["--count", values.count] : []),
    ...(values.at ? ["--at", values.at] : []),
    ...(values.full ? ["--full"] : []),
  ];
}

function planted() {
  return [join(PROGRAMS, "planted.ts"), ...(values.only ? ["--only", values.only] : [])];
}

function message(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** @returns the exit code: 1 when something did not hold, or when nothing was played at all */
function conclude(results) {
  // Launchers also run on a system Node that has no Map.groupBy yet.
  const names = [...new Set(results.map(({ scenario }) => scenario))];
  const byScenario = names.map((name) => results.filter(({ scenario }) => scenario === name));
  const rows = byScenario.map((parts) => ({
    title: parts[0].title,
    count: parts.reduce((total, { count }) => total + count, 0),
    violations: parts.flatMap(({ violations }) => violations),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
  }));
  for (const { title, violations } of rows)
    for (const violation of violations) console.log(`\n✗ ${title}\n  ${violation}`);
  console.log("\n| test | count | violations | seconds |\n|---|--:|--:|--:|");
  for (const { title, count, violations, seconds } of rows)
    console.log(`| ${title} | ${count} | ${violations.length} | ${seconds.toFixed(0)} |`);
  for (const { title, notes } of rows) for (const note of notes) console.log(`  ${title}: ${note}`);
  console.log(`Seed ${seed}`);
  const played = rows.length > 0 && rows.every(({ count }) => count > 0);
  return played && rows.every(({ violations }) => violations.length === 0) ? 0 : 1;
}
