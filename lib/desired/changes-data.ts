import { parseArn } from "#lib/model/arn.ts";
import { customActions } from "#lib/model/custom-permissions.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf } from "#lib/model/policy-document.ts";
import { serviceOf } from "./services/catalogue.ts";

/**
 * Whether an access changes data. Of custom access by AWS's access level of its actions, but for what reading is made
 * of: who receives messages deletes them.
 */
export function changesData({ level, custom, target }: Pick<Grant, "level" | "custom" | "target">): boolean {
  if (level !== "custom") return level !== "read";
  const arn = parseArn(target.arn);
  const service = arn && serviceOf(arn.service);
  if (!arn || !service) return true;
  const scope = { arn, arnText: target.arn, level: "read" as const, subResource: null };
  const reading = new Set(service.statements(scope).flatMap(({ Action }) => listOf(Action)));
  return customActions(custom).some((action) => {
    const known = service.actions.find((one) => one.action === action);
    return !reading.has(action) && (known === undefined || ["write", "tagging"].includes(known.access));
  });
}
