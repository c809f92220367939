import type { PolicyMetadata } from "../metadata/metadata.ts";
import type { ServiceVocabulary } from "./vocabulary.ts";

/** One service's actions, resource types and condition keys; null: AWS has no such service. */
export function serviceVocabulary(prefix: string, metadata: PolicyMetadata): ServiceVocabulary | null {
  const service = metadata.service(prefix);
  if (service === null) return null;
  const actions = [...service.actions.values()];
  const keys = new Set(actions.flatMap((action) => action.keys));
  return {
    prefix: service.prefix,
    name: service.name,
    actions: actions.map(({ name, level, resourceTypes, keys }) => ({
      name,
      level,
      resourceTypes: resourceTypes.map((type) => type.name),
      keys,
    })),
    resourceTypes: service.resourceTypes,
    keys: [...keys].flatMap((key) => service.key(key) ?? []),
  };
}
