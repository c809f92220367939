import type { Account } from "#lib/model/account.ts";
import type { Cluster } from "#lib/model/cluster.ts";
import { classify } from "./errors.ts";
import { explain } from "./explain.ts";
import { readAssociations, readClusters } from "./inventory/eks.ts";
import { readProviders, readRoles } from "./inventory/iam.ts";
import { readKeys } from "./inventory/keys.ts";
import { readBuckets } from "./inventory/s3.ts";
import type { AccountSnapshot, Gap, SectionContext } from "./inventory/section.ts";
import { readQueues } from "./inventory/sqs.ts";
import type { AccountClients } from "./sessions.ts";

export {
  type AccountSnapshot,
  type ObservedCluster,
  policyKey,
  type SectionError,
} from "./inventory/section.ts";

/**
 * Reads what the form suggests and the planner compares with: targets, clusters, and what of ours is there. Reads
 * only. Sections run side by side; one that fails leaves a gap that `errors` names.
 *
 * @param registered.clusters all registered clusters, of any account: their Regions say which issuers may be met.
 */
export async function syncAccount(
  clients: AccountClients,
  account: Account,
  installation: string,
  registered: { clusters: readonly Cluster[]; classificationTag: string },
): Promise<AccountSnapshot> {
  const snapshot: AccountSnapshot = { items: [], clusters: [], clusterNames: {}, observed: {}, errors: [] };
  const context: SectionContext = {
    clients,
    account,
    installation,
    snapshot,
    classificationTag: registered.classificationTag,
    async attempt({ section, gap, subject = namedBy(gap) ?? section, region }, read) {
      try {
        return await read();
      } catch (error) {
        const { kind, requestId, ...rest } = classify(error);
        const about = { kind: "account", accountId: account.id, key: subject };
        snapshot.errors.push({
          section,
          subject,
          gap,
          ...(region === undefined ? {} : { region }),
          kind,
          ...explain({ kind, ...rest }, about),
          ...(requestId === undefined ? {} : { requestId }),
        });
        return undefined;
      }
    },
  };
  const issuerRegions = [
    ...new Set([...account.regions, ...registered.clusters.map(({ region }) => region)]),
  ];
  const own = registered.clusters.filter(({ accountId }) => accountId === account.id);
  await Promise.all([
    Promise.all([readBuckets(context), readQueues(context)]).then(() => readKeys(context)),
    readClusters(context),
    readAssociations(context, own),
    readProviders(context, issuerRegions),
    readRoles(context),
  ]);
  return snapshot;
}

function namedBy(gap: Gap): string | undefined {
  if (gap.of === "resource") return gap.key;
  return gap.of === "key" ? gap.arn : undefined;
}
