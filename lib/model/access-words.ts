import { type CustomPermissions, customActions } from "./custom-permissions.ts";
import type { AccessLevel, PresetLevel } from "./grant.ts";

interface Access {
  level: AccessLevel;
  custom?: CustomPermissions | undefined;
}

const words: Record<PresetLevel, string> = { read: "Read", write: "Write", "read-write": "Read and write" };

/** How many actions are named before the rest is counted. */
const named = 3;

/** The level for lists and badges: "Read and write", of a custom one "3 actions". */
export function levelWord({ level, custom }: Access): string {
  if (level !== "custom") return words[level];
  const count = customActions(custom).length;
  return count === 1 ? "1 action" : `${count} actions`;
}

/** What custom access allows, in one line: "s3:GetObject and s3:ListBucket, under conditions". */
export function customMeans(custom: CustomPermissions | undefined): string {
  const actions = customActions(custom);
  const shown = actions.slice(0, named);
  const more = actions.length - shown.length;
  const list = more > 0 ? [...shown, `${more} more`] : shown;
  const text = list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
  const limited = custom?.filter(({ conditions }) => conditions.length > 0).length ?? 0;
  if (limited === 0) return text;
  return limited === custom?.length ? `${text}, under conditions` : `${text}, in part under conditions`;
}
