import { History, SearchX } from "lucide-react";
import type { Metadata } from "next";
import { FilterBar } from "#components/access/filter-bar.tsx";
import { address, pageLinks, param, type SearchParams } from "#components/access/list-address.ts";
import { ChainBadge, ChainFacts, ChainNotices } from "#components/history/chain-status.tsx";
import { EventTable } from "#components/history/event-table.tsx";
import { typeChoices } from "#components/history/type-choices.ts";
import { CheckNowButton } from "#components/live/check-now-button.tsx";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Pagination } from "#components/ui/pagination.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { history } from "#lib/db/queries/history.ts";
import { historyChain } from "#lib/db/queries/history-chain.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { accountChoices } from "../access/account-choices.ts";
import { livePosition } from "../live.ts";
import { checkHistoryAction } from "./actions.ts";

export const metadata: Metadata = { title: "History" };

const path = "/history";

export default async function HistoryPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams;
  const filter = {
    q: param(params, "q"),
    type: param(params, "type"),
    account: param(params, "account"),
    from: day(param(params, "from")),
    to: day(param(params, "to")),
  };
  const after = param(params, "after");
  const actor = await requireActor(address(path, filter));
  const since = livePosition();
  const deps = webDeps();
  const [page, accounts, chain] = await Promise.all([
    history(deps, actor, {
      type: filter.type,
      text: filter.q,
      accountId: filter.account,
      from: filter.from,
      // The day itself belongs to what is asked for; the query's end does not.
      to: filter.to && dayAfter(filter.to),
      after,
    }),
    accountChoices(deps),
    historyChain(deps, actor),
  ]);
  const now = deps.now().toISOString();
  const filtered = Object.values(filter).some(Boolean);
  const links = pageLinks(path, filter, { after, trail: param(params, "trail") }, page.next);

  return (
    <>
      {chain && <LiveRefresh since={since} topics={[{ topic: "history" }]} />}
      <PageHeader
        title="History"
        description="Everything that people and Drawbridge did. Times are UTC."
        status={chain && <ChainBadge chain={chain} />}
        meta={chain && <ChainFacts chain={chain} now={now} />}
        actions={
          chain && (
            <CheckNowButton
              checkedAt={chain.check?.at ?? null}
              late={{
                title: "Not checked yet",
                body: "All of history is read, or no worker is running. The page shows the answer when it comes.",
              }}
              refused="It is not checked now"
              check={checkHistoryAction}
            />
          )
        }
      />
      {chain && <ChainNotices chain={chain} now={now} />}
      <div className="mb-3">
        <FilterBar
          label="Filter history"
          path={path}
          values={filter}
          fields={[
            {
              kind: "text",
              name: "q",
              label: "Person, target, reason or id",
              placeholder: "Person, target, #42 or id",
            },
            { kind: "choice", name: "type", label: "Type of event", items: typeChoices },
            {
              kind: "choice",
              name: "account",
              label: "Account",
              items: [{ value: "", label: "All accounts" }, ...accounts],
            },
            { kind: "day", name: "from", label: "From" },
            { kind: "day", name: "to", label: "To" },
          ]}
        />
      </div>
      <Card padded={false} className="overflow-clip">
        {page.items.length > 0 ? (
          <EventTable events={page.items} now={now} />
        ) : filtered || after ? (
          <EmptyState
            icon={<SearchX />}
            title="Nothing matches"
            body="No event that you may see fits these filters."
            action={<LinkButton href={path}>Clear the filters</LinkButton>}
          />
        ) : (
          <EmptyState
            icon={<History />}
            title="Nothing has happened yet"
            body="Requests, reviews, every step in AWS and every sign-in are kept here."
          />
        )}
      </Card>
      <div className="mt-3">
        <Pagination label="History" {...links} />
      </div>
    </>
  );
}

/** A day as a date field sends it; anything else came from an address bar. */
function day(text: string | undefined): string | undefined {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

function dayAfter(text: string): string {
  return new Date(Date.parse(text) + 24 * 3_600_000).toISOString();
}
