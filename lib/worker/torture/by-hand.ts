import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import type { SandboxState } from "#lib/sandbox/state.ts";

/** Takes what Drawbridge has made out of the sandbox, as an account's owner may do at any time. */
export function takeAway(state: SandboxState, resource: CloudResource): void {
  const before = textOf(state);
  remove(state, resource);
  if (textOf(state) === before) throw new Error(`there is no ${resource.key} to take away`);
}

function textOf({ accounts, buckets }: SandboxState): string {
  return JSON.stringify([accounts, buckets]);
}

function remove(state: SandboxState, { accountId, region, kind, key, body }: CloudResource): void {
  const account = state.accounts[accountId];
  if (!account) throw new Error(`no account ${accountId}`);
  if (kind === "oidc-provider") delete account.providers[key];
  else if (kind === "role") delete account.roles[body.name.toLowerCase()];
  else if (kind === "role-policy") delete account.roles[body.roleName.toLowerCase()]?.inline[body.policyName];
  else if (kind === "pod-identity-association") {
    const { associations = {} } = account.clusters[`${region}/${body.clusterName}`] ?? {};
    for (const [id, { namespace, serviceAccount }] of Object.entries(associations))
      if (namespace === body.namespace && serviceAccount === body.serviceAccount) delete associations[id];
  } else {
    const sids = new Set(body.statements.map(({ Sid = "" }) => Sid));
    const holders = [...Object.values(state.buckets), ...Object.values(account.queues)];
    for (const holder of holders) {
      if (!holder.policy) continue;
      const left = statementsOf(holder.policy).filter(({ Sid = "" }) => Sid === "" || !sids.has(Sid));
      // No policy is without statements.
      holder.policy = left.length > 0 ? { ...holder.policy, Statement: left } : null;
    }
  }
}
