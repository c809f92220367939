import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

/** One hash over the names and contents of files and folders of the checkout; absent ones count as absent. */
export function fingerprint(paths, skip = () => false) {
  const hash = createHash("sha256");
  for (const path of paths) add(hash, path, skip);
  return hash.digest("hex").slice(0, 16);
}

function add(hash, path, skip) {
  if (skip(path)) return;
  const absolute = join(ROOT, path);
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    for (const name of readdirSync(absolute).sort()) add(hash, `${path}/${name}`, skip);
  } else {
    hash.update(`${path}\0`).update(stat ? readFileSync(absolute) : "absent");
  }
}
