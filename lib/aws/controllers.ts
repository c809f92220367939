import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { Controller } from "./controller.ts";
import { oidcProvider } from "./controllers/oidc-provider.ts";
import { podIdentityAssociation } from "./controllers/pod-identity-association.ts";
import { resourcePolicyStatements } from "./controllers/resource-policy-statements.ts";
import { role } from "./controllers/role.ts";
import { rolePolicy } from "./controllers/role-policy.ts";

/** Kind → controller: the compiler asks for a row a kind. */
export const controllers: { [K in ResourceKind]: Controller<K> } = {
  "oidc-provider": oidcProvider,
  role,
  "role-policy": rolePolicy,
  "resource-policy-statements": resourcePolicyStatements,
  "pod-identity-association": podIdentityAssociation,
};

/** Whether something is given out in the resource's name that outlives it, and can be ended. */
export function hasSessions(resource: CloudResource): boolean {
  return controllerFor(resource).cutOff !== undefined;
}

/** The controller of the resource's kind. */
export function controllerFor<K extends ResourceKind>(resource: CloudResource<K>): Controller<K> {
  const table: { [Kind in ResourceKind]: Controller<Kind> } = controllers;
  return table[resource.kind] as Controller<K>;
}
