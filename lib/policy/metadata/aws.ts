import { foldCase } from "../glob.ts";
import type {
  ActionLevel,
  ActionMetadata,
  ConditionKeyMetadata,
  PolicyMetadata,
  ResourceTypeMetadata,
  ServiceMetadata,
} from "./metadata.ts";
import table from "./table.json" with { type: "json" };

/**
 * The Service Authorization Reference, from the table that scripts/policy-metadata.ts writes. A service is read when
 * it is first asked for. For servers: the table has about a megabyte, so that no component may import this.
 */
export const awsMetadata: PolicyMetadata = {
  service: (prefix) => serviceOf(foldCase(prefix)),
  globalKey: (key) => globalKeys(key),
  isKeyPrefix: (prefix) => keyPrefixes.has(foldCase(prefix)),
  isArnService: (service) => arnServices.has(service),
};

const texts = new Map(Object.entries(table.services));
const keyPrefixes = new Set(table.keyPrefixes);
const arnServices = new Set(table.arnServices);
const untagged = new Set(table.untagged);
const read = new Map<string, ServiceMetadata | null>();
const globalKeys = keyFinder(table.global);

/** Every service by the prefix of its actions, in order. */
export const awsServices: readonly { prefix: string; name: string }[] = [...texts].map(([prefix, text]) => ({
  prefix,
  name: text.slice(0, text.indexOf("\n")),
}));

/** The condition keys of all services. */
export const awsGlobalKeys: readonly ConditionKeyMetadata[] = table.global.map(keyOf);

const levels: Record<string, ActionLevel> = {
  l: "list",
  r: "read",
  w: "write",
  t: "tagging",
  p: "permissions",
};

function serviceOf(prefix: string): ServiceMetadata | null {
  let service = read.get(prefix);
  if (service === undefined) {
    const text = texts.get(prefix);
    service = text === undefined ? null : parseService(prefix, text);
    read.set(prefix, service);
  }
  return service;
}

function parseService(prefix: string, text: string): ServiceMetadata {
  const [name = "", types = "", keys = "", actions = ""] = text.split("\n");
  const resourceTypes = entries(types).map((entry): ResourceTypeMetadata => {
    const at = entry.indexOf(" arn:");
    return { name: entry.slice(0, at), arn: entry.slice(at + 1) };
  });
  const keyNames = entries(keys).map((entry) => entry.split(" ")[0] ?? "");
  const pick = <T>(list: readonly T[], places = "") =>
    places === "" ? [] : places.split(",").flatMap((place) => list[Number(place)] ?? []);
  const parsed = entries(actions).map((entry): ActionMetadata => {
    const [action = "", level = "", ofTypes, ofKeys] = entry.split(" ");
    return {
      name: action,
      level: levels[level] ?? "write",
      resourceTypes: pick(resourceTypes, ofTypes),
      keys: pick(keyNames, ofKeys),
    };
  });
  return {
    prefix,
    name,
    resourceTypes,
    tagged: !untagged.has(prefix),
    actions: new Map(parsed.map((action) => [foldCase(action.name), action])),
    key: keyFinder(entries(keys)),
  };
}

function entries(line: string): string[] {
  return line === "" ? [] : line.split("|");
}

/** Finds keys in any case; what stands as `${…}` or `<…>` in a documented key is any text in a written one. */
function keyFinder(list: readonly string[]): (key: string) => ConditionKeyMetadata | null {
  const exact = new Map<string, ConditionKeyMetadata>();
  const templates: [RegExp, ConditionKeyMetadata][] = [];
  for (const entry of list) {
    const found = keyOf(entry);
    if (/\$\{|</.test(found.key)) templates.push([templatePattern(found.key), found]);
    else exact.set(foldCase(found.key), found);
  }
  return (key) => {
    const folded = foldCase(key);
    return exact.get(folded) ?? templates.find(([pattern]) => pattern.test(folded))?.[1] ?? null;
  };
}

function keyOf(entry: string): ConditionKeyMetadata {
  const [key = "", type = ""] = entry.split(" ");
  const many = type.endsWith("*");
  return { key, type: (many ? type.slice(0, -1) : type) as ConditionKeyMetadata["type"], many };
}

function templatePattern(key: string): RegExp {
  const parts = foldCase(key)
    .split(/\$\{[^}]*\}|<[^>]*>/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`);
}
