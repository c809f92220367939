import { Boxes } from "lucide-react";
import type { Metadata } from "next";
import { ClusterCard } from "#components/admin/cluster-card.tsx";
import { NamespaceOwners } from "#components/admin/namespace-owners.tsx";
import { RegisterCluster } from "#components/admin/register-cluster.tsx";
import { UnregisterCluster } from "#components/admin/unregister-cluster.tsx";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { accountsView, clustersView } from "#lib/db/queries/estate-views.ts";
import { clusterKey } from "#lib/model/workload.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../live.ts";
import { groupNames } from "../groups.ts";
import { requireAdminReader } from "../reader.ts";
import { registerClusterAction, setNamespaceOwnerAction, unregisterClusterAction } from "./actions.ts";

export const metadata: Metadata = { title: "Clusters" };

export default async function ClustersPage() {
  const { actor, admin } = await requireAdminReader("/admin/clusters");
  const since = livePosition();
  const deps = webDeps();
  const [clusters, accounts, groups] = await Promise.all([
    clustersView(deps, actor),
    accountsView(deps, actor),
    groupNames(deps),
  ]);
  const now = deps.now().toISOString();
  const register = admin && accounts.length > 0 && (
    <RegisterCluster
      accounts={accounts.map(({ id, name, regions }) => ({ id, name, regions }))}
      save={registerClusterAction}
    />
  );
  return (
    <>
      <LiveRefresh since={since} topics={[{ topic: "cluster" }, { topic: "account" }]} />
      <PageHeader
        title="Clusters"
        description="Where workloads run, and who owns their namespaces."
        actions={register}
      />
      {clusters.length > 0 ? (
        <div className="space-y-4">
          {clusters.map((cluster) => {
            const { accountId, region, name } = cluster;
            const ref = { accountId, region, name };
            return (
              <ClusterCard
                key={clusterKey(ref)}
                cluster={cluster}
                now={now}
                actions={
                  admin && (
                    <UnregisterCluster cluster={name} unregister={unregisterClusterAction.bind(null, ref)} />
                  )
                }
              >
                <NamespaceOwners
                  cluster={name}
                  owners={cluster.namespaceOwners}
                  edit={admin ? { groups, save: setNamespaceOwnerAction.bind(null, ref) } : undefined}
                />
              </ClusterCard>
            );
          })}
        </div>
      ) : (
        <Card padded={false}>
          <EmptyState
            icon={<Boxes />}
            title="No cluster yet"
            body={
              accounts.length > 0
                ? "Register the clusters whose workloads need access."
                : "Clusters live in accounts, so register an account first."
            }
            action={
              admin && accounts.length === 0 ? (
                <LinkButton href="/admin/accounts/new">Register account</LinkButton>
              ) : undefined
            }
          />
        </Card>
      )}
    </>
  );
}
