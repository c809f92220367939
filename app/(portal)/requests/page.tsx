import { Inbox, Plus } from "lucide-react";
import type { Metadata } from "next";
import { address, pageLinks, param, type SearchParams } from "#components/access/list-address.ts";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { RequestTable } from "#components/requests/request-table.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Pagination } from "#components/ui/pagination.tsx";
import { TabLinks } from "#components/ui/tab-links.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { type RequestFilter, requestList } from "#lib/db/queries/requests.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { waiting } from "../home.ts";
import { livePosition } from "../live.ts";

export const metadata: Metadata = { title: "Requests" };

const path = "/requests";

type View = { label: string; filter: RequestFilter; empty: { title: string; body: string } };

const views = {
  open: {
    label: "Open",
    filter: { state: "open" },
    empty: { title: "No open request", body: "Requests in review or waiting for changes show up here." },
  },
  awaiting: {
    label: "Waiting for you",
    filter: { who: "awaiting-me" },
    empty: {
      title: "Nothing waits for you",
      body: "Requests that concern accounts and namespaces of your groups show up here.",
    },
  },
  mine: {
    label: "Mine",
    filter: { who: "mine" },
    empty: {
      title: "You have asked for nothing yet",
      body: "Say which service account needs which resource; the owners decide.",
    },
  },
  all: {
    label: "All",
    filter: {},
    empty: { title: "No request yet", body: "The first one shows up here as soon as it is filed." },
  },
} satisfies Record<string, View>;

type ViewName = keyof typeof views;

function isView(text: string | undefined): text is ViewName {
  return text !== undefined && Object.hasOwn(views, text);
}

export default async function RequestsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams;
  const asked = param(params, "view");
  const name: ViewName = isView(asked) ? asked : "open";
  const keep = { view: name === "open" ? undefined : name };
  const actor = await requireActor(address(path, keep));
  const since = livePosition();
  const after = param(params, "after");
  const view: View = views[name];
  const deps = webDeps();
  const [page, { awaitingMe }] = await Promise.all([
    requestList(deps, actor, { ...view.filter, after }),
    waiting(actor),
  ]);
  const links = pageLinks(path, keep, { after, trail: param(params, "trail") }, page.next);
  const badges: Partial<Record<ViewName, number>> = { awaiting: awaitingMe.length };
  return (
    <>
      <LiveRefresh since={since} topics={[{ topic: "request" }]} />
      <PageHeader
        title="Requests"
        description="Who asked for what, and who still has to agree."
        actions={
          <LinkButton href="/requests/new" variant="primary" icon={<Plus aria-hidden="true" />}>
            New request
          </LinkButton>
        }
      />
      <TabLinks
        label="Which requests"
        links={(Object.keys(views) as ViewName[]).map((key) => ({
          href: address(path, { view: key === "open" ? undefined : key }),
          label: views[key].label,
          count: badges[key],
          current: key === name,
        }))}
      />
      <Card padded={false} className="mt-4 overflow-clip">
        {page.items.length > 0 ? (
          <RequestTable caption={`Requests: ${view.label}`} rows={page.items} now={deps.now()} />
        ) : (
          <EmptyState
            icon={<Inbox />}
            title={after ? "No more requests" : view.empty.title}
            body={after ? undefined : view.empty.body}
            action={
              name === "awaiting" ? undefined : <LinkButton href="/requests/new">New request</LinkButton>
            }
          />
        )}
      </Card>
      {(links.newerHref ?? links.olderHref) && (
        <div className="mt-4 overflow-clip">
          <Pagination label="Requests" {...links} />
        </div>
      )}
    </>
  );
}
