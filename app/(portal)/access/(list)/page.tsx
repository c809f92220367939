import { KeyRound, SearchX } from "lucide-react";
import type { Metadata } from "next";
import { FilterBar } from "#components/access/filter-bar.tsx";
import { GrantTable } from "#components/access/grant-table.tsx";
import { address, pageLinks, param, type SearchParams } from "#components/access/list-address.ts";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Pagination } from "#components/ui/pagination.tsx";
import { TabLinks } from "#components/ui/tab-links.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { type GrantFilter, grantList } from "#lib/db/queries/grants.ts";

import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../live.ts";
import { accountChoices } from "../account-choices.ts";

export const metadata: Metadata = { title: "Access" };

const path = "/access";

const views = {
  live: { label: "Live", filter: { state: "live" } },
  mine: { label: "Mine", filter: { who: "mine" } },
  all: { label: "All", filter: {} },
} satisfies Record<string, { label: string; filter: GrantFilter }>;

type View = keyof typeof views;

function isView(text: string | undefined): text is View {
  return text !== undefined && text in views;
}

export default async function AccessPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams;
  const asked = param(params, "view");
  const view: View = isView(asked) ? asked : "live";
  const filter = { q: param(params, "q"), account: param(params, "account") };
  const keep = { view: view === "live" ? undefined : view };
  const after = param(params, "after");
  const actor = await requireActor(address(path, { ...keep, ...filter }));
  const since = livePosition();
  const deps = webDeps();
  const [page, accounts] = await Promise.all([
    grantList(deps, actor, { ...views[view].filter, text: filter.q, accountId: filter.account, after }),
    accountChoices(deps),
  ]);
  const filtered = Boolean(filter.q || filter.account);
  const links = pageLinks(path, { ...keep, ...filter }, { after, trail: param(params, "trail") }, page.next);

  return (
    <>
      <LiveRefresh since={since} topics={[{ topic: "grant" }]} />
      <PageHeader title="Access" description="What workloads may reach in AWS, and whether it works." />
      <TabLinks
        label="Which access"
        links={(Object.keys(views) as View[]).map((key) => ({
          href: address(path, { ...filter, view: key === "live" ? undefined : key }),
          label: views[key].label,
          current: key === view,
        }))}
      />
      <div className="mt-4 mb-3">
        <FilterBar
          label="Filter access"
          path={path}
          values={filter}
          keep={keep}
          fields={[
            {
              kind: "text",
              name: "q",
              label: "Service account, namespace, cluster or target",
              placeholder: "Workload or target",
            },
            {
              kind: "choice",
              name: "account",
              label: "Account",
              items: [{ value: "", label: "All accounts" }, ...accounts],
            },
          ]}
        />
      </div>
      <Card padded={false} className="overflow-clip">
        {page.items.length > 0 ? (
          <GrantTable rows={page.items} now={deps.now().toISOString()} />
        ) : filtered || after ? (
          <EmptyState
            icon={<SearchX />}
            title="Nothing matches"
            body="No access that you may see fits these filters."
            action={<LinkButton href={address(path, keep)}>Clear the filters</LinkButton>}
          />
        ) : (
          <EmptyState
            icon={<KeyRound />}
            title={view === "mine" ? "You have asked for no access yet" : "No access yet"}
            body="Ask for what your service account needs. Once the owners of both accounts have approved, it is made and shows up here."
            action={
              <LinkButton variant="primary" href="/requests/new">
                New request
              </LinkButton>
            }
          />
        )}
      </Card>
      <div className="mt-3">
        <Pagination label="Access" {...links} />
      </div>
    </>
  );
}
