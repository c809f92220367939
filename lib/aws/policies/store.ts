import type { AccountId } from "#lib/model/arn.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { AccountClients } from "../sessions.ts";
import { s3PolicyStore } from "./s3.ts";
import { sqsPolicyStore } from "./sqs.ts";

/** Where one resource keeps its policy. */
export interface PolicyStore {
  /** Undefined: the resource has no policy. One that is not there, or not this account's, throws `not-found`. */
  read(): Promise<PolicyDocument | undefined>;
  write(document: PolicyDocument): Promise<void>;
  /** AWS stores no policy without statements: the last one goes with the policy. */
  remove(): Promise<void>;
}

export interface PolicyLocation {
  arn: string;
  /** Who must own the resource: a call never reaches a resource of the same name elsewhere. */
  accountId: AccountId;
  region: string;
}

export type PolicyStoreFactory = (clients: AccountClients, location: PolicyLocation) => PolicyStore;

/** Key of the service catalogue → how its resources' policies are read and written. */
const factories: Record<string, PolicyStoreFactory> = { s3: s3PolicyStore, sqs: sqsPolicyStore };

export function policyStore(clients: AccountClients, service: string, location: PolicyLocation): PolicyStore {
  const factory = factories[service];
  if (!factory) throw new TypeError(`No resource policy is known for the service ${service}`);
  return factory(clients, location);
}
