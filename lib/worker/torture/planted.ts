import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Check, type PlantedBug, plantedBugs } from "./planted-bugs.ts";

/**
 * Takes guards out of a copy of the sources, one by one, and runs what must notice it there. The checkout itself is
 * never touched. Each check is first run on the copy as it is: one that fails anyway would prove nothing.
 */

const root = resolve(import.meta.dirname, "../../..");
const copied = ["lib", "prisma", "deploy", "package.json", "tsconfig.json", "vitest.config.ts"];
/** A check on a broken engine may hang instead of failing: that counts as noticed. */
const atMostMs = 300_000;

const { values } = parseArgs({ options: { only: { type: "string" } } });

const scratch = mkdtempSync(join(tmpdir(), "drawbridge-planted-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const name of copied) cpSync(join(root, name), join(scratch, name), { recursive: true });
symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));

const started = performance.now();
const violations: string[] = [];
const sound = new Map<string, string | null>();
const bugs = plantedBugs.filter(({ what }) => !values.only || what.includes(values.only));
for (const bug of bugs) {
  const fault = plant(bug);
  if (fault) violations.push(`${bug.what}: ${fault}`);
  console.log(`  planted  ${fault ? "✗" : "✓"} ${bug.what}`);
}
const seconds = (performance.now() - started) / 1000;
const title = "Guards taken out one at a time, each noticed";
console.log(
  JSON.stringify({ scenario: "planted", title, count: bugs.length, seconds, violations, notes: [] }),
);

/** @returns what is wrong, if the bug went unnoticed or could not be planted */
function plant({ file, text, becomes, caughtBy }: PlantedBug): string | null {
  const path = join(scratch, file);
  if (!existsSync(path)) return `${file} does not exist any more`;
  const source = readFileSync(path, "utf8");
  if (source.split(text).length !== 2) return `its text does not stand once in ${file} any more`;
  const key = JSON.stringify(caughtBy);
  if (!sound.has(key)) sound.set(key, run(caughtBy).failed);
  const before = sound.get(key);
  if (before) return `${key} fails without it as well: ${before}`;
  writeFileSync(
    path,
    source.replace(text, () => becomes),
  );
  try {
    return run(caughtBy).failed ? null : `nothing was noticed by ${key}`;
  } finally {
    writeFileSync(path, source);
  }
}

/** @returns what failed; null when nothing did */
function run(check: Check): { failed: string | null } {
  const args =
    "scenario" in check
      ? [
          join(scratch, "lib/worker/torture/main.ts"),
          ...["--only", check.scenario, "--count", String(check.count), "--seed", "1"],
        ]
      : [
          join(scratch, "node_modules/vitest/vitest.mjs"),
          ...["run", "--root", scratch, "--project", check.project, check.file],
          ...(check.test ? ["-t", check.test] : []),
        ];
  const { status, stdout, error } = spawnSync(process.execPath, args, {
    cwd: scratch,
    encoding: "utf8",
    timeout: atMostMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error || status !== 0) return { failed: error?.message ?? lastLines(stdout) };
  if (!("scenario" in check))
    // A name that fits no test would pass by running none.
    return { failed: /\d+ passed/.test(stdout) ? null : "no test of that name" };
  const said = stdout.split("\n").findLast((line) => line.startsWith("{"));
  const result: { violations: string[]; count: number } = JSON.parse(said ?? "{}");
  return { failed: result.violations[0] ?? (result.count === 0 ? "nothing was played" : null) };
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join(" / ");
}
