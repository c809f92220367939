import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { AccountDraft } from "#components/admin/account-draft.ts";
import { SyncState } from "#components/admin/account-table.tsx";
import { EditAccount } from "#components/admin/edit-account.tsx";
import { Onboarding } from "#components/admin/onboarding.tsx";
import { SyncButton } from "#components/admin/sync-button.tsx";
import { SyncReport } from "#components/admin/sync-report.tsx";
import { environmentOf } from "#components/admin/words.ts";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Section } from "#components/ui/card.tsx";
import { Copyable } from "#components/ui/copyable.tsx";
import { KeyValueList } from "#components/ui/key-value.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { accountsView, clustersView } from "#lib/db/queries/estate-views.ts";
import type { AccountView } from "#lib/db/queries/views/admin.ts";
import { accountSchema } from "#lib/model/account.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../../live.ts";
import { groupNames } from "../../groups.ts";
import { requireAdminReader } from "../../reader.ts";
import { syncAction, updateAccountAction } from "../actions.ts";

type Params = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: `Account ${(await params).id}` };
}

export default async function AccountPage({ params }: Params) {
  const { id } = await params;
  const { actor, admin } = await requireAdminReader(`/admin/accounts/${id}`);
  const since = livePosition();
  const deps = webDeps();
  const [accounts, clusters, groups] = await Promise.all([
    accountsView(deps, actor),
    clustersView(deps, actor),
    groupNames(deps),
  ]);
  const account = accounts.find((one) => one.id === id);
  if (!account) notFound();
  const now = deps.now().toISOString();
  const regions = new Set([...account.regions, ...clusters.map((cluster) => cluster.region)]);
  const environment = environmentOf(account.environment);

  return (
    <>
      <LiveRefresh since={since} topics={[{ topic: "account", id }]} />
      <PageHeader
        title={account.name}
        breadcrumbs={[{ label: "Accounts", href: "/admin/accounts" }]}
        status={<Badge tone={environment.tone}>{environment.label}</Badge>}
        meta={
          <>
            <span className="font-mono">{account.id}</span>
            <span className="inline-flex items-center gap-1.5">
              Last read <SyncState account={account} now={now} />
            </span>
          </>
        }
        actions={
          admin && (
            <>
              <EditAccount account={draftOf(account)} groups={groups} save={updateAccountAction} />
              <SyncButton sync={syncAction.bind(null, id)} />
            </>
          )
        }
      />
      <div className="space-y-6">
        <SyncReport account={account} now={now} />
        <Section title="Facts">
          <Facts account={account} clusters={clusters.filter((one) => one.accountId === id)} now={now} />
        </Section>
        {account.externalId !== null && (
          <Section
            title="Set up the account"
            description={
              account.syncedAt === null || account.syncErrors.length > 0
                ? "Create this in the account, then press Sync now."
                : "What stands in the account. Deploy it again when you add a Region."
            }
          >
            <Onboarding
              account={{
                id,
                partition: accountSchema.shape.partition.parse(account.partition),
                regions: account.regions,
                provisionerRoleArn: account.provisionerRoleArn,
                boundaryArn: account.boundaryArn,
                externalId: account.externalId,
              }}
              installation={deps.installation}
              issuerRegions={[...regions].sort()}
            />
          </Section>
        )}
      </div>
    </>
  );
}

type FactsProps = {
  account: AccountView;
  clusters: { name: string; region: string }[];
  now: string;
};

function Facts({ account, clusters, now }: FactsProps) {
  const owners = account.owners.map(({ name }) => name).join(", ");
  return (
    <KeyValueList
      items={[
        { label: "Owners", value: `${account.ownerGroup}${owners ? ` (${owners})` : ": nobody in it yet"}` },
        { label: "Regions", value: account.regions.join(", ") },
        {
          label: "Clusters",
          value:
            clusters.length > 0 ? (
              <TextLink href="/admin/clusters">{clusters.map(({ name }) => name).join(", ")}</TextLink>
            ) : (
              "None registered"
            ),
        },
        { label: "Targets seen", value: String(account.targets) },
        {
          label: "Live access",
          value: (
            <>
              {account.liveGrants} to what is in it.{" "}
              <TextLink href={`/access?account=${account.id}`}>Show all that touches it</TextLink>
            </>
          ),
        },
        {
          label: "Provisioner role",
          value: <Copyable text={account.provisionerRoleArn} what="provisioner role ARN" />,
        },
        {
          label: "Permissions boundary",
          value: <Copyable text={account.boundaryArn} what="permissions boundary ARN" />,
        },
        {
          label: "ExternalId",
          value:
            account.externalId === null ? (
              "Shown to admins only"
            ) : (
              <Copyable text={account.externalId} what="ExternalId" />
            ),
        },
        { label: "Registered", value: <Timestamp value={account.registeredAt} now={now} show="both" /> },
      ]}
    />
  );
}

function draftOf(account: AccountView): AccountDraft {
  const { id, name, ownerGroup, provisionerRoleArn, boundaryArn } = account;
  return {
    id,
    name,
    ownerGroup,
    provisionerRoleArn,
    boundaryArn,
    regions: account.regions.join(", "),
    // Rows are written through accountSchema only.
    partition: accountSchema.shape.partition.parse(account.partition),
    environment: accountSchema.shape.environment.parse(account.environment),
  };
}
