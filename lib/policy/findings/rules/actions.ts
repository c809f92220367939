import { closest } from "../../closest.ts";
import { foldCase, hasWildcard } from "../../glob.ts";
import type { CheckContext, CheckedStatement } from "../context.ts";
import { several } from "../context.ts";
import { gives } from "../kinds.ts";
import { isEverything } from "../resolve-actions.ts";
import type { Item } from "../view.ts";
import { isAction } from "./grammar-values.ts";
import { accountOf, isRoot } from "./principals.ts";

/** To look for what was meant takes time; a document with more unknown actions is about something else. */
const mostHints = 20;

/** Whether the actions are ones that AWS has, and how wide they are. */
export function checkActions(context: CheckContext): void {
  let hints = mostHints;
  for (const statement of context.statements) {
    for (const [at, item] of statement.actions.entries()) {
      const resolved = statement.resolved[at];
      if (!isAction(item.text)) continue;
      if (resolved?.length === 0) reportUnknown(item, context, hints-- > 0);
      if (context.kind === "resource") checkService(item, context);
    }
    if (statement.effect === "Allow" && gives(context.kind) && !delegates(statement, context)) {
      checkWidth(statement, context);
    }
  }
}

/** A resource that leaves the decision to its own account's identity policies, as a KMS key has to. */
function delegates({ principals }: CheckedStatement, { kind, accountId }: CheckContext): boolean {
  if (kind !== "resource" || principals.length === 0) return false;
  return principals.every(
    ({ type, text }) => type === "AWS" && isRoot(text) && accountOf(text) === accountId,
  );
}

function reportUnknown({ text, path }: Item, { metadata, report }: CheckContext, hinted: boolean): void {
  const [prefix = "", name = ""] = text.split(":");
  const service = metadata.service(prefix);
  if (service === null) {
    report("action.unknown-service", path, `No service of AWS has the prefix ${JSON.stringify(prefix)}.`);
  } else if (hasWildcard(name)) {
    report("action.matches-nothing", path, `No action of ${service.name} fits ${JSON.stringify(text)}.`);
  } else {
    const meant = hinted ? closest(foldCase(name), [...service.actions.keys()]) : undefined;
    const known = meant === undefined ? undefined : service.actions.get(meant);
    const hint = known ? ` Is ${service.prefix}:${known.name} meant?` : "";
    report("action.unknown", path, `${service.name} has no action ${JSON.stringify(text)}.${hint}`);
  }
}

function checkService({ text, path }: Item, { service, report }: CheckContext): void {
  if (service === undefined || isEverything(text)) return;
  const prefix = foldCase(text.split(":")[0] ?? "");
  if (prefix === foldCase(service)) return;
  report("action.not-of-service", path, `${JSON.stringify(text)} is no action of ${service}.`);
}

function checkWidth(statement: CheckedStatement, { kind, report }: CheckContext): void {
  const { actionElement, actions, path } = statement;
  if (actionElement === "NotAction") {
    const but = several(actions.map(({ text }) => text));
    const detail = `Everything is allowed but ${but === "" ? "nothing" : but}.`;
    report("action.not-action-allow", [...path, "NotAction"], detail, "key");
    return;
  }
  for (const [at, item] of actions.entries()) {
    if (isEverything(item.text)) {
      report("action.everything", item.path, "Every action of every service is allowed.");
    } else if (/^[^:]+:\*+$/.test(item.text) && (statement.resolved[at]?.length ?? 0) > 0) {
      const service = statement.resolved[at]?.[0]?.service.name ?? "";
      report("action.whole-service", item.path, `Every action of ${service} is allowed.`);
    }
  }
  if (kind === "trust") return;
  for (const [at, item] of actions.entries()) {
    // What IAM's own actions can do has findings of its own.
    const changing = (statement.resolved[at] ?? []).filter(
      ({ action, service }) =>
        action.level === "permissions" && service.prefix !== "iam" && service.prefix !== "sts",
    );
    if (changing.length === 0) continue;
    const names = several(changing.map(({ name }) => name));
    report("action.changes-permissions", item.path, `This allows ${names}.`);
  }
}
