import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { processCommand } from "./host.mjs";

/**
 * One Postgres server as a process of its own. It says `{"ready":true,…}` when it takes connections and stops
 * Postgres cleanly on SIGTERM. What a killed predecessor left (a running server, a lock file) is cleared first.
 */

const settings = JSON.parse(process.env.POSTGRES_SERVER ?? "null");
const { binaries, data, port, password, database, durable, account } = settings;
const identity = account ? { uid: account.uid, gid: account.gid } : {};
// The program needs no more than this, and the settings above hold the password.
const env = { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };

let server = null;
let stopping = false;

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, stop);

try {
  restoreLinks();
  if (!existsSync(join(data, "PG_VERSION"))) await initialise();
  await clearPredecessor();
  start();
  await untilReady();
  await createDatabase();
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
} catch (error) {
  fail(error);
}

function start() {
  const speed = durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
  const options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", ...speed];
  server = spawn(
    join(binaries, "bin/postgres"),
    ["-D", data, "-p", String(port), ...options.flatMap((option) => ["-c", option])],
    { ...identity, env, stdio: ["ignore", "inherit", "inherit"], cwd: data },
  );
  server.once("exit", (code) => process.exit(stopping ? 0 : (code ?? 1)));
  server.once("error", fail);
}

function stop() {
  if (stopping) return;
  stopping = true;
  if (!server) process.exit(0);
  // SIGINT is Postgres' fast shutdown: sessions are ended, data is written out.
  server.kill("SIGINT");
  setTimeout(() => server.kill("SIGQUIT"), 7_000).unref();
}

/** Into a folder beside the final one, which thus is complete or absent. */
async function initialise() {
  const unfinished = `${data}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = join(unfinished, "../.initial-password");
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: "wx" });
  if (account) {
    chownSync(unfinished, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    await run(join(binaries, "bin/initdb"), [
      `--pgdata=${unfinished}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      // The same order of text on every machine, without the machine's own locales.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(durable ? [] : ["--no-sync"]),
    ]);
  } finally {
    unlinkSync(passwordFile);
  }
  rmSync(data, { recursive: true, force: true });
  renameSync(unfinished, data);
}

/**
 * After kill -9 Postgres may still run, or its lock file may name a process number that now belongs to somebody
 * else, before which Postgres would shrink back.
 */
async function clearPredecessor() {
  const lock = join(data, "postmaster.pid");
  const pid = Number(readText(lock)?.split("\n")[0]);
  if (!pid) return;
  if (!isOurs(pid)) return rmSync(lock, { force: true });
  process.kill(pid, "SIGINT");
  for (let waited = 0; isOurs(pid); waited += 50) {
    if (waited === 5_000) process.kill(pid, "SIGQUIT");
    if (waited > 10_000) return fail(new Error(`Postgres process ${pid} of an earlier start does not end.`));
    await sleep(50);
  }
  rmSync(lock, { force: true });
}

function isOurs(pid) {
  return processCommand(pid)?.includes(`-D ${data} `) ?? false;
}

async function untilReady() {
  for (;;) {
    try {
      return await withClient("postgres", async () => {});
    } catch (error) {
      // 28P01: the server is there, and its password is another one.
      if (error.code === "28P01")
        return fail(new Error(`The password of ${data} is lost; start over with --reset.`));
      await sleep(50);
    }
  }
}

async function createDatabase() {
  await withClient("postgres", async (client) => {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
    if (!found.rowCount) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  });
}

async function withClient(name, work) {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password, database: name });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** npm packages cannot hold links; the package makes them in an install script, which some people switch off. */
function restoreLinks() {
  const list = JSON.parse(readText(join(binaries, "pg-symlinks.json")) ?? "[]");
  for (const { source, target } of list) {
    const path = join(binaries, relative("native", target));
    if (existsSync(path)) continue;
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(target), source), path);
  }
  for (const program of ["postgres", "initdb"]) {
    const path = join(binaries, "bin", program);
    try {
      chmodSync(path, 0o755);
    } catch {
      // A read-only file system, or a package that belongs to somebody else: it is executable or the start says so.
    }
  }
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...identity,
      env,
      stdio: ["ignore", "inherit", "inherit"],
      cwd: dirname(data),
    });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}

function fail(error) {
  console.error(error instanceof Error ? error.message : error);
  stopping = false;
  if (server) server.kill("SIGINT");
  else process.exit(1);
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
