import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { checkAssociations } from "./preflight/eks.ts";
import { orUnknown, type PreflightFinding } from "./preflight/finding.ts";
import { checkIam } from "./preflight/iam.ts";
import { checkResourcePolicies } from "./preflight/policies.ts";
import type { AccountClients } from "./sessions.ts";

export type { PreflightFinding } from "./preflight/finding.ts";

const severities = ["error", "warning", "info"] as const;

/**
 * Looks in AWS, before anybody approves, at what the plan would meet: names that are taken, service accounts that
 * are bound, quotas, missing or foreign resources, policies that would undo the grant. Reads only. What can't be
 * read is a finding of its own (`unknown`), never silence. Worst first.
 *
 * @param clientsOf the clients of each account that the resources are in; an account without is `unknown`.
 */
export async function preflight(
  clientsOf: ReadonlyMap<AccountId, AccountClients>,
  installation: string,
  resources: readonly CloudResource[],
): Promise<PreflightFinding[]> {
  const byAccount = Map.groupBy(resources, ({ accountId }) => accountId);
  const found = await Promise.all(
    [...byAccount].map(([accountId, own]) =>
      checkAccount(clientsOf.get(accountId), accountId, installation, own),
    ),
  );
  return found.flat().sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

async function checkAccount(
  clients: AccountClients | undefined,
  accountId: AccountId,
  installation: string,
  resources: CloudResource[],
): Promise<PreflightFinding[]> {
  if (!clients) {
    return [
      {
        id: "unknown",
        severity: "warning",
        accountId,
        title: "Could not check the account",
        detail: `Account ${accountId} is not registered, so nothing in it could be looked at.`,
        nextStep: "Register the account, then submit the request again.",
      },
    ];
  }
  const context = { clients, accountId, installation, resources };
  const subject = { kind: "account", accountId, key: `account ${accountId}` };
  const sections = await Promise.all([
    orUnknown(subject, "roles and OIDC providers", () => checkIam(context)),
    orUnknown(subject, "Pod Identity associations", () => checkAssociations(context)),
    orUnknown(subject, "resource policies", () => checkResourcePolicies(context)),
  ]);
  return sections.flat();
}
