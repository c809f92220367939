import { isRecord } from "../../conditions.ts";
import type { FindingId } from "../catalogue.ts";
import { type Draft, type Path, pointerOf, type Report } from "../finding.ts";

/** `<ACCOUNT_ID>`, and an HTML entity that a web page left behind (`&region-arn;`, or what becomes of it). */
const placeholder = /<[A-Za-z][^<>]*>|[&®][A-Za-z_-]+;/;

/** Texts of a template that nobody filled in, in values and in condition keys. */
export function checkPlaceholders(value: unknown, report: Report, path: Path = []): void {
  if (typeof value === "string") {
    const found = placeholder.exec(value)?.[0];
    if (found) report("grammar.placeholder", path, `${JSON.stringify(found)} is a placeholder.`);
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) checkPlaceholders(item, report, [...path, at]);
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      const found = placeholder.exec(key)?.[0];
      if (found) {
        report("grammar.placeholder", [...path, key], `${JSON.stringify(found)} is a placeholder.`, "key");
      }
      checkPlaceholders(item, report, [...path, key]);
    }
  }
}

/** What is wrong with a text because it is not filled in yet. */
const shadowed = new Set<FindingId>([
  "action.malformed",
  "resource.malformed",
  "resource.unknown-partition",
  "resource.invalid-account",
  "resource.invalid-region",
  "resource.of-no-type",
  "principal.malformed",
  "principal.account-digits",
  "condition.unknown-service-key",
  "condition.unknown-global-key",
  "trust.sub-malformed",
]);

/** Leaves out what a placeholder at the same place explains already. */
export function dropShadowed(drafts: readonly Draft[]): Draft[] {
  const places = new Set(
    drafts.filter(({ id }) => id === "grammar.placeholder").map(({ path }) => pointerOf(path)),
  );
  return drafts.filter(({ id, path }) => !shadowed.has(id) || !places.has(pointerOf(path)));
}
