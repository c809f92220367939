import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { patterns } from "./patterns/catalogue.ts";

/**
 * A new access pattern is one file in lib/desired and nothing else: no other file of the product may name one, or it
 * would have a case for each.
 */

const root = join(import.meta.dirname, "../..");
const sources = ["app", "components", "lib", "prisma", "proxy.ts", "instrumentation.ts"];
/** The patterns themselves, what is generated, and what is no part of the product. */
const excluded = /^lib\/(desired|db\/generated|sandbox)\/|\.test\.tsx?$|\/testing(\.ts$|\/)|node_modules/;

function filesOf(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return filesOf(child);
      return /\.tsx?$/.test(entry.name) ? [child] : [];
    });
  } catch {
    // A file, or a folder that is not there.
    return /\.tsx?$/.test(path) ? [path] : [];
  }
}

it("no file outside lib/desired names an access pattern", () => {
  const literals = Object.keys(patterns).map((id) => new RegExp(`(["'\`])${id}\\1`));
  const files = sources
    .flatMap((source) => filesOf(join(root, source)))
    .filter((file) => !excluded.test(relative(root, file)));
  expect(files.length).toBeGreaterThan(100);
  const naming = files.filter((file) => {
    const text = readTextOf(file);
    return literals.some((literal) => literal.test(text));
  });
  expect(naming.map((file) => relative(root, file))).toEqual([]);
});

function readTextOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
