import { CircleCheck, Clock, Inbox, Plus } from "lucide-react";
import type { Metadata } from "next";
import { FirstSteps } from "#components/home/first-steps.tsx";
import { GrantLines } from "#components/home/grant-lines.tsx";
import { RequestLines } from "#components/home/request-lines.tsx";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { GrantStateBadge, TroubleBadge } from "#components/states/state-badges.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import type { GrantRow } from "#lib/db/queries/views/grant.ts";
import type { HomeView } from "#lib/db/queries/views/home.ts";
import { home } from "../home.ts";
import { livePosition } from "../live.ts";

export const metadata: Metadata = { title: "Home" };

export default async function HomePage() {
  const actor = await requireActor("/");
  const since = livePosition();
  const { awaitingMe, mine, expiring, attention, counts } = await home(actor);
  const now = new Date().toISOString();
  const nothing = awaitingMe.length + mine.length + expiring.length + attention.length + counts.active === 0;
  return (
    <>
      <LiveRefresh since={since} topics={[{ topic: "request" }, { topic: "grant" }]} />
      <PageHeader
        title="Home"
        description={summary(counts)}
        actions={
          <LinkButton href="/requests/new" variant="primary" icon={<Plus aria-hidden="true" />}>
            New request
          </LinkButton>
        }
      />
      {nothing ? (
        <Card padded={false}>
          <FirstSteps />
        </Card>
      ) : (
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="grid gap-6">
            <Section
              title="Waits for you"
              flush
              meta={counts.awaitingMe > 0 && <Badge tone="accent">{counts.awaitingMe}</Badge>}
              actions={
                counts.awaitingMe > awaitingMe.length && (
                  <TextLink href="/requests?view=awaiting" className="text-sm">
                    See all
                  </TextLink>
                )
              }
            >
              {awaitingMe.length > 0 ? (
                <RequestLines label="Requests that wait for you" rows={awaitingMe} now={now} keys />
              ) : (
                <EmptyState
                  icon={<Inbox />}
                  title="Nothing waits for you"
                  body="Requests that concern accounts and namespaces of your groups show up here."
                />
              )}
            </Section>
            <Section
              title="You asked for"
              flush
              meta={counts.openMine > 0 && <Badge>{counts.openMine} open</Badge>}
              actions={
                mine.length > 0 && (
                  <TextLink href="/requests?view=mine" className="text-sm">
                    See all
                  </TextLink>
                )
              }
            >
              {mine.length > 0 ? (
                <RequestLines label="Your requests" rows={mine} now={now} own />
              ) : (
                <EmptyState
                  title="You have asked for nothing yet"
                  body="Say which service account needs which resource; the owners decide."
                  action={<LinkButton href="/requests/new">New request</LinkButton>}
                />
              )}
            </Section>
          </div>
          <div className="grid gap-6">
            <Section
              title="Needs attention"
              flush
              meta={counts.attention > 0 && <Badge tone="danger">{counts.attention}</Badge>}
            >
              {attention.length > 0 ? (
                <GrantLines
                  label="Access that needs attention"
                  rows={attention}
                  aside={(row) => <Trouble grant={row} />}
                />
              ) : (
                <EmptyState
                  icon={<CircleCheck />}
                  title="All is well"
                  body="Access that failed, is no longer as approved or does not work in the pod shows up here."
                />
              )}
            </Section>
            <Section
              title="Ends soon"
              flush
              meta={counts.expiring > 0 && <Badge tone="warn">{counts.expiring}</Badge>}
            >
              {expiring.length > 0 ? (
                <GrantLines
                  label="Access that ends soon"
                  rows={expiring}
                  aside={({ expiresAt }) =>
                    expiresAt && <Timestamp value={expiresAt} now={now} className="text-warn-ink" />
                  }
                  action={({ id, workload }) => (
                    <LinkButton href={`/requests/new?renew=${id}`} size="sm">
                      Renew
                      <span className="sr-only">
                        {" "}
                        the access of {workload.namespace}/{workload.serviceAccount}
                      </span>
                    </LinkButton>
                  )}
                />
              ) : (
                <EmptyState icon={<Clock />} title="Nothing ends within 30 days" />
              )}
            </Section>
          </div>
        </div>
      )}
    </>
  );
}

function summary({ awaitingMe, openMine, active }: HomeView["counts"]): string {
  const parts = [
    ...(awaitingMe > 0
      ? [awaitingMe === 1 ? "1 request waits for you" : `${awaitingMe} requests wait for you`]
      : []),
    ...(openMine > 0 ? [openMine === 1 ? "1 of yours is open" : `${openMine} of yours are open`] : []),
    ...(active > 0 ? [active === 1 ? "1 grant is active" : `${active} grants are active`] : []),
  ];
  return parts.length === 0 ? "Nothing waits for you." : `${parts.join(", ")}.`;
}

function Trouble({ grant }: { grant: GrantRow }) {
  if (grant.state === "failed") return <GrantStateBadge state="failed" />;
  // Graver than what the change did.
  if (grant.trouble === "open" || grant.trouble === "wider") return <TroubleBadge trouble={grant.trouble} />;
  if (grant.changeState === "failed") return <StatusBadge label="Change failed" tone="danger" />;
  return grant.trouble && <TroubleBadge trouble={grant.trouble} />;
}
