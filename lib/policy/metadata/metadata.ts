/** What AWS documents about the actions, resource types and condition keys of its services. */
export interface PolicyMetadata {
  /** By the prefix of its actions, in any case; null: AWS has no such service. */
  service(prefix: string): ServiceMetadata | null;
  /** A key of all services, e.g. `aws:SourceArn`, in any case. */
  globalKey(key: string): ConditionKeyMetadata | null;
  /** Whether this is the prefix of a service or of an identity provider's keys (`saml`, `cognito-identity`…). */
  isKeyPrefix(prefix: string): boolean;
  /** Whether ARNs of some resource have this service, which may differ from the prefix of its actions. */
  isArnService(service: string): boolean;
}

export interface ServiceMetadata {
  prefix: string;
  name: string;
  /** By name in lower case. */
  actions: ReadonlyMap<string, ActionMetadata>;
  resourceTypes: readonly ResourceTypeMetadata[];
  /** Whether requests of some action carry `aws:ResourceTag/…`. */
  tagged: boolean;
  /** Finds a key of the service in any case; `s3:ExistingObjectTag/team` is found as `s3:ExistingObjectTag/${…}`. */
  key(key: string): ConditionKeyMetadata | null;
}

export type ActionLevel = "list" | "read" | "write" | "tagging" | "permissions";

export interface ActionMetadata {
  /** As AWS spells it. */
  name: string;
  level: ActionLevel;
  /** Empty: the action takes no resource, so a statement has to name `*`. */
  resourceTypes: readonly ResourceTypeMetadata[];
  /** The service's keys that a request of this action can carry; global keys are not among them. */
  keys: readonly string[];
}

export interface ResourceTypeMetadata {
  name: string;
  /** e.g. `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` */
  arn: string;
}

/** `IPAddress` and so on as AWS names them; `many`: the key is multi-valued. */
export interface ConditionKeyMetadata {
  /** As AWS spells it; what a request fills in stands as `${TagKey}`. */
  key: string;
  type: "String" | "ARN" | "Bool" | "Numeric" | "Date" | "IPAddress";
  many: boolean;
}
