import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Target } from "#lib/model/grant.ts";
import { accountA, accountB, bucketAtHome, bucketAway, grantFor, installation, workload } from "./testing.ts";
import { withAgent, withoutAgent } from "./testing-seed.ts";

/**
 * What of a table over all access patterns the tests of every day play; `npm run torture -- --only tables` plays each
 * table whole. What is chosen is read from the product's own tables, so that a new pattern needs no line here.
 */

/** Tables are played whole. */
const whole = process.env.TEST_WHOLE_TABLES === "1";

/** The accounts and clusters of the tests, as they are registered. */
const estate: Estate = {
  installation,
  accounts: [accountA, accountB],
  clusters: [withAgent, withoutAgent],
  inventory: [],
  tags: {},
};

/** Every access pattern. */
export const everyPattern: readonly string[] = Object.keys(patterns);

/** Those that show best what a test is about; all of them when tables are played whole. */
export function played(...best: string[]): readonly string[] {
  return whole ? everyPattern : [...new Set(best)];
}

/** The one that makes most. */
export const widestPattern = everyPattern.reduce((widest, pattern) =>
  madeBy(pattern).length > madeBy(widest).length ? pattern : widest,
);

/** The first that makes this kind of resource. */
export function patternMaking(kind: ResourceKind): string {
  const found = everyPattern.find((pattern) => madeBy(pattern).some((resource) => resource.kind === kind));
  if (!found) throw new Error(`No pattern makes ${kind}`);
  return found;
}

/** Whether a pattern can be asked for. */
export function suits(pattern: string, wanted: Pick<Parameters<typeof grantFor>[2], "workload" | "target">) {
  return grantFor(pattern, estate, wanted) !== undefined;
}

/**
 * The items that between them show every feature that any of them has; each next one is the one that adds most. The
 * order of the items decides between equals.
 */
export function sample<T>(items: readonly T[], featuresOf: (item: T) => readonly string[]): readonly T[] {
  if (whole) return items;
  const chosen: T[] = [];
  const missing = new Set(items.flatMap(featuresOf));
  while (missing.size > 0) {
    const adds = (item: T) => featuresOf(item).filter((feature) => missing.has(feature)).length;
    const best = items.reduce((most, item) => (adds(item) > adds(most) ? item : most));
    for (const feature of featuresOf(best)) missing.delete(feature);
    chosen.push(best);
  }
  return chosen;
}

/** For a pod on the cluster that has the agent. */
function madeBy(pattern: string): CloudResource[] {
  const made = (target: Target) => {
    const grant = grantFor(pattern, estate, { workload: workload(withAgent), target });
    return grant && desiredResources([grant], estate);
  };
  return made(bucketAway) ?? made(bucketAtHome) ?? [];
}
