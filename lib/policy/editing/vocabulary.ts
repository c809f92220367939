import type { ActionLevel, ConditionKeyMetadata } from "../metadata/metadata.ts";

/** What a policy editor suggests, as far as a browser needs it: the table of all services stays on the server. */

export interface Vocabulary {
  /** By the prefix of its actions. */
  services: readonly { prefix: string; name: string }[];
  /** Condition keys of all services. */
  globalKeys: readonly ConditionKeyMetadata[];
}

export interface ServiceVocabulary {
  prefix: string;
  name: string;
  actions: readonly ActionVocabulary[];
  /** Name and ARN, e.g. `queue` and `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`. */
  resourceTypes: readonly { name: string; arn: string }[];
  keys: readonly ConditionKeyMetadata[];
}

interface ActionVocabulary {
  name: string;
  level: ActionLevel;
  /** Names of the resource types that it takes; none: it needs `*`. */
  resourceTypes: readonly string[];
  /** The service's own condition keys that a request of it can carry. */
  keys: readonly string[];
}

/** Where an editor gets its words from. Asked for what is typed, so that answers are worth keeping. */
export interface VocabularySource {
  all(): Promise<Vocabulary>;
  /** Null: AWS has no such service. */
  service(prefix: string): Promise<ServiceVocabulary | null>;
  /** Where not all of the policy language may be written; absent: all of it. */
  only?: {
    documentElements: readonly string[];
    statementElements: readonly string[];
    operators: readonly string[];
  };
}
