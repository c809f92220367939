import { foldCase } from "../../glob.ts";
import type { CheckContext, CheckedStatement } from "../context.ts";
import { globFits } from "../overlap.ts";
import type { Item } from "../view.ts";

/** Each entry is compared with each other one: longer lists than anybody reads are left alone. */
const mostEntries = 300;

/** What is said twice. A pattern covers another when it fits it letter by letter, wildcards included. */
export function checkRedundancy({ statements, report }: CheckContext): void {
  for (const { actions, resources, conditions } of statements) {
    for (const { item, by } of covered(actions, foldCase)) {
      report("redundant.action", item.path, `${item.text} is included in ${by}.`);
    }
    for (const { item, by } of covered(resources, (text) => text)) {
      report("redundant.resource", item.path, `${item.text} is included in ${by}.`);
    }
    for (const { parsed, values } of conditions) {
      if (!parsed?.operator) continue;
      const like = parsed.name.endsWith("Like");
      for (const { item, by } of covered(values, (text) => text, like)) {
        report("redundant.condition-value", item.path, `${item.text} is included in ${by}.`);
      }
    }
  }
  checkStatements(statements, report);
}

function covered(
  items: readonly Item[],
  fold: (text: string) => string,
  patterns = true,
): { item: Item; by: string }[] {
  if (items.length < 2 || items.length > mostEntries) return [];
  const folded = items.map(({ text }) => fold(text));
  return items.flatMap((item, at) => {
    const mine = folded[at] ?? "";
    const by = items.find((_, other) => {
      const wider = folded[other] ?? "";
      if (other === at) return false;
      if (wider === mine) return other < at;
      return patterns && wider.includes("*") && globFits(wider, mine);
    });
    return by === undefined ? [] : [{ item, by: by.text }];
  });
}

function checkStatements(statements: readonly CheckedStatement[], report: CheckContext["report"]): void {
  if (statements.length < 2 || statements.length > mostEntries) return;
  const frames = statements.map(frameOf);
  for (const [at, inner] of statements.entries()) {
    const outer = statements.find((other, place) => {
      if (place === at || frames[place] !== frames[at]) return false;
      if (!includes(other, inner)) return false;
      // Of two that are equal the later one is too much.
      return place < at || !includes(inner, other);
    });
    if (outer === undefined) continue;
    const name = outer.sid ? JSON.stringify(outer.sid) : `number ${outer.index + 1}`;
    report("redundant.statement", inner.path, `Statement ${name} includes it.`);
  }
}

/** What has to be equal for one statement to include another. */
function frameOf({ fields, effect, actionElement, resourceElement }: CheckedStatement): string {
  const { Principal, NotPrincipal, Condition } = fields;
  return JSON.stringify([effect, actionElement, resourceElement, Principal, NotPrincipal, Condition]);
}

function includes(outer: CheckedStatement, inner: CheckedStatement): boolean {
  const all = (wide: readonly Item[], narrow: readonly Item[], fold: (text: string) => string) =>
    narrow.every(({ text }) => wide.some((one) => globFits(fold(one.text), fold(text))));
  const negated = outer.actionElement === "NotAction" || outer.resourceElement === "NotResource";
  if (negated || inner.actions.length === 0) return false;
  return (
    all(outer.actions, inner.actions, foldCase) &&
    inner.resources.length > 0 === outer.resources.length > 0 &&
    all(outer.resources, inner.resources, (text) => text)
  );
}
