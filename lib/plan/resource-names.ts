import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";

const names: { [K in ResourceKind]: (resource: CloudResource<K>) => string } = {
  "oidc-provider": ({ body }) => `the OIDC provider ${body.issuer}`,
  role: ({ body }) => `the role ${body.name}`,
  "role-policy": ({ body }) => `the policy ${body.policyName} of the role ${body.roleName}`,
  "resource-policy-statements": ({ body }) => `the policy of ${body.resourceArn}`,
  "pod-identity-association": ({ body }) =>
    `the Pod Identity association of ${body.namespace}/${body.serviceAccount} on ${body.clusterName}`,
};

/** What the resource is called within a sentence. */
export function nameOf(resource: CloudResource): string {
  const name = names[resource.kind] as (resource: CloudResource) => string;
  return name(resource);
}
