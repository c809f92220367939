import { foldCase, hasWildcard } from "../glob.ts";
import type { ActionMetadata, PolicyMetadata, ServiceMetadata } from "../metadata/metadata.ts";
import { globFits } from "./overlap.ts";
import { isAction } from "./rules/grammar-values.ts";

/** One action that a pattern stands for. */
export interface ResolvedAction {
  /** As AWS spells it, e.g. `s3:GetObject`. */
  name: string;
  service: ServiceMetadata;
  action: ActionMetadata;
}

/** Expansions that were made already: the same few patterns come again and again. Emptied when it grows too large. */
const expansions = new WeakMap<PolicyMetadata, Map<string, readonly ResolvedAction[]>>();
const keptExpansions = 200;

/** What an entry of `Action` stands for; null when that is everything, or it is not an action at all. */
export function resolveAction(text: string, metadata: PolicyMetadata): readonly ResolvedAction[] | null {
  if (isEverything(text) || !isAction(text)) return null;
  let kept = expansions.get(metadata);
  if (kept === undefined || kept.size > keptExpansions) {
    kept = new Map();
    expansions.set(metadata, kept);
  }
  const folded = foldCase(text);
  let found = kept.get(folded);
  if (found === undefined) {
    found = expand(folded, metadata);
    kept.set(folded, found);
  }
  return found;
}

/** Whether the entry stands for every action of every service. */
export function isEverything(text: string): boolean {
  return /^(\*|\*:\*+)$/.test(text);
}

function expand(folded: string, metadata: PolicyMetadata): ResolvedAction[] {
  const [prefix = "", name = ""] = folded.split(":");
  const service = metadata.service(prefix);
  if (service === null) return [];
  const one = hasWildcard(name) ? undefined : service.actions.get(name);
  const actions = hasWildcard(name)
    ? [...service.actions].flatMap(([key, action]) => (globFits(name, key) ? [action] : []))
    : one === undefined
      ? []
      : [one];
  return actions.map((action) => ({ name: `${service.prefix}:${action.name}`, service, action }));
}
