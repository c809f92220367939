import type { ServiceVocabulary, VocabularySource } from "#lib/policy/editing/vocabulary.ts";
import type { ConditionKeyMetadata } from "#lib/policy/metadata/metadata.ts";
import { type ConditionKey, operatorsOf } from "./services/condition-keys.ts";
import type { TargetService } from "./services/service.ts";

const types: Record<ConditionKey["type"], ConditionKeyMetadata["type"]> = {
  text: "String",
  address: "IPAddress",
  truth: "Bool",
  number: "Numeric",
};

/** As the reference writes a key that goes on with the name of a tag. */
function metadataOf({ key, type }: ConditionKey): ConditionKeyMetadata {
  return { key: key.endsWith("/") ? `${key}\${TagKey}` : key, type: types[type], many: false };
}

/** What an editor suggests for custom access to a target of the service: what may be asked for, and nothing else. */
export function customVocabulary({ id, name, actions, conditionKeys }: TargetService): VocabularySource {
  const own = conditionKeys.filter(({ key }) => key.startsWith(`${id}:`));
  const service: ServiceVocabulary = {
    prefix: id,
    name,
    actions: actions.map(({ action, access, on }) => ({
      name: action.slice(id.length + 1),
      level: access,
      resourceTypes: [on],
      keys: own
        .filter((key) => key.actions === undefined || key.actions.includes(action))
        .map((key) => metadataOf(key).key),
    })),
    resourceTypes: [],
    keys: own.map(metadataOf),
  };
  const globalKeys = conditionKeys.filter((key) => !own.includes(key)).map(metadataOf);
  return {
    all: async () => ({ services: [{ prefix: id, name }], globalKeys }),
    service: async (prefix) => (prefix === id ? service : null),
    only: {
      documentElements: ["Statement"],
      statementElements: ["Action", "Condition"],
      operators: [...new Set(Object.values(operatorsOf).flat())],
    },
  };
}
