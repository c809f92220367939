import { Building2, Plus } from "lucide-react";
import type { Metadata } from "next";
import { AccountTable } from "#components/admin/account-table.tsx";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { accountsView } from "#lib/db/queries/estate-views.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../../live.ts";
import { requireAdminReader } from "../../reader.ts";

export const metadata: Metadata = { title: "Accounts" };

export default async function AccountsPage() {
  const { actor, admin } = await requireAdminReader("/admin/accounts");
  const since = livePosition();
  const deps = webDeps();
  const accounts = await accountsView(deps, actor);
  const register = admin && (
    <LinkButton variant="primary" href="/admin/accounts/new" icon={<Plus aria-hidden="true" />}>
      Register account
    </LinkButton>
  );
  return (
    <>
      <LiveRefresh since={since} topics={[{ topic: "account" }]} />
      <PageHeader
        title="Accounts"
        description="The AWS accounts that Drawbridge may work in, and who approves for them."
        actions={register}
      />
      <Card padded={false} className="overflow-clip">
        {accounts.length > 0 ? (
          <AccountTable rows={accounts} now={deps.now().toISOString()} />
        ) : (
          <EmptyState
            icon={<Building2 />}
            title="No account yet"
            body="Register the accounts of your clusters and those of the buckets and queues that they need."
            action={register}
          />
        )}
      </Card>
    </>
  );
}
