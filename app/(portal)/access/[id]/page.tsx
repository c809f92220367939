import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ChangeCallout } from "#components/access/change-callout.tsx";
import { GrantCallout } from "#components/access/grant-callout.tsx";
import { GrantFacts } from "#components/access/grant-facts.tsx";
import { GrantPath } from "#components/access/grant-path.tsx";
import { HowToVerify } from "#components/access/how-to-verify.tsx";
import { RevokeButton } from "#components/access/revoke-button.tsx";
import { RollBackButton } from "#components/access/roll-back-button.tsx";
import { RunList } from "#components/access/run-list.tsx";
import { Siblings } from "#components/access/siblings.tsx";
import { Verification, verificationAnchor } from "#components/access/verification.tsx";
import { DriftSection } from "#components/drift/drift-section.tsx";
import { RepairButton } from "#components/drift/repair-button.tsx";
import { checkedWords } from "#components/findings/finding-data.ts";
import { FindingsList } from "#components/findings/findings-list.tsx";
import { EventTimeline } from "#components/history/event-timeline.tsx";
import { CheckNowButton } from "#components/live/check-now-button.tsx";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { PlanSteps } from "#components/plan/plan-steps.tsx";
import { StatementFocus } from "#components/plan/statement-focus.tsx";
import { GrantStateBadge } from "#components/states/state-badges.tsx";
import { Card, Section } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import type { GrantView } from "#lib/db/queries/views/grant.ts";
import { webEnv } from "#lib/env.ts";
import { isOver, isTerminal } from "#lib/model/states.ts";
import { canBeTried } from "#lib/render/kubernetes.ts";
import { showManifest } from "#lib/usecases/read-manifest.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../live.ts";
import { accountChoices } from "../account-choices.ts";
import { checkDriftAction, repairAction, revokeAction, rollBackAction } from "./actions.ts";
import { ConnectSection } from "./connect-section.tsx";

type Params = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: `Access ${(await params).id}` };
}

export default async function GrantPage({ params }: Params) {
  const { id } = await params;
  const actor = await requireActor(`/access/${id}`);
  const since = livePosition();
  const deps = webDeps();
  const [grant, accounts] = await Promise.all([grantView(deps, actor, id), accountChoices(deps)]);
  if (!grant) notFound();
  const manifest = isOver(grant.state) ? null : await showManifest(deps, actor, id);
  const now = deps.now().toISOString();
  const nameOf = (accountId: string) => accounts.find((one) => one.value === accountId)?.label ?? accountId;
  const active = grant.state === "active";
  const sandbox = webEnv().DRAWBRIDGE_AWS === "sandbox";
  const tryable = grant.access === null || canBeTried(grant.access, id);

  return (
    <>
      <LiveRefresh
        since={since}
        topics={[{ topic: "grant", id }]}
        active={!isTerminal("grant", grant.state)}
      />
      <Header grant={grant} now={now} />
      <div className="space-y-6">
        {active && (
          <ChangeCallout
            change={grant.change}
            openChange={grant.openChange}
            rollBack={!grant.may.rollBack && <RollBackButton rollBack={rollBackAction.bind(null, id)} />}
          />
        )}
        <GrantCallout {...grant} run={grant.runs[0]} now={now} />
        {grant.hops.length > 0 && (
          <Card>
            <GrantPath
              label={`Path from ${grant.workload.serviceAccount} to ${grant.target.name}`}
              hops={grant.hops}
              service={grant.target.service}
              accountName={nameOf}
            />
          </Card>
        )}
        <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_19rem]">
          <div className="min-w-0 space-y-6">
            {manifest && <ConnectSection grant={grant} manifest={manifest} />}
            {/* What was read while it was active says nothing of what is left. */}
            {grant.state !== "given_up" && (
              <Section
                id={verificationAnchor}
                title={grant.state === "revoked" ? "Is it gone?" : "Does it work?"}
                flush
                footer={
                  active &&
                  tryable && (
                    <div className="w-full min-w-0">
                      <HowToVerify grantId={id} namespace={grant.workload.namespace} sandbox={sandbox} />
                    </div>
                  )
                }
              >
                <Verification
                  verifications={grant.verifications}
                  drifted={grant.drifted}
                  revoked={grant.state === "revoked"}
                  tryable={tryable}
                  now={now}
                />
              </Section>
            )}
            {grant.drift && (
              <DriftSection
                drift={grant.drift}
                repairRefusal={grant.may.repair}
                now={now}
                accountName={nameOf}
                tamperCommand={sandbox ? `npm run tamper -- --grant ${id} --how trust` : null}
                actions={
                  <>
                    <CheckNowButton
                      checkedAt={grant.drift.checkedAt}
                      late={{
                        title: "Not compared yet",
                        body: "A run is at work on this access, or no worker is free. The page shows the answer when it comes.",
                      }}
                      refused="It is not compared now"
                      check={checkDriftAction.bind(null, id)}
                    />
                    {!grant.may.repair && <RepairButton repair={repairAction.bind(null, id)} />}
                  </>
                }
              />
            )}
            {grant.asRead && <AsReadSection {...grant.asRead} now={now} />}
            <Section title="Runs" flush>
              {grant.runs.length > 0 ? (
                <RunList rows={grant.runs} now={now} />
              ) : (
                <EmptyState
                  title="No run yet"
                  body="It is queued in the moment the last approval is given."
                />
              )}
            </Section>
          </div>
          <aside aria-label="About this access" className="min-w-0 space-y-6">
            <Section title="Facts">
              <GrantFacts grant={grant} access={grant.access} now={now} />
            </Section>
            <Section title="Also of this workload" flush>
              {grant.siblings.length > 0 ? (
                <Siblings rows={grant.siblings} />
              ) : (
                <p className="px-4 py-4 text-sm text-ink-muted sm:px-5">Nothing else that you may see.</p>
              )}
            </Section>
            <Section title="History">
              <EventTimeline label="History of this access" events={grant.history} now={now} />
            </Section>
          </aside>
        </div>
      </div>
    </>
  );
}

/** The documents as they were read back, and what is wrong with them. */
function AsReadSection({ plan, findings, now }: NonNullable<GrantView["asRead"]> & { now: string }) {
  return (
    <Section title="Policies in AWS" description={checkedWords(findings)}>
      <StatementFocus>
        <div className="space-y-6">
          {findings.items.length > 0 && <FindingsList findings={findings.items} />}
          <PlanSteps plan={plan} now={now} findings={findings.items} asRead />
        </div>
      </StatementFocus>
    </Section>
  );
}

function Header({ grant, now }: { grant: GrantView; now: string }) {
  const { workload, target } = grant;
  const name = `${workload.namespace}/${workload.serviceAccount}`;
  return (
    <PageHeader
      breadcrumbs={[{ label: "Access", href: "/access" }]}
      title={
        <>
          <span className="text-ink-muted">{workload.namespace}/</span>
          {workload.serviceAccount} <span className="font-normal text-ink-faint">→</span> {target.name}
          {target.subResource && <span className="text-ink-muted">/{target.subResource}</span>}
        </>
      }
      status={<GrantStateBadge state={grant.state} />}
      meta={
        <>
          <span>
            {target.levelMeans} · {target.noun} in {target.accountName}
          </span>
          {grant.expiresAt && !isTerminal("grant", grant.state) && (
            <span>
              Ends <Timestamp value={grant.expiresAt} now={now} />
            </span>
          )}
        </>
      }
      actions={
        <>
          <LinkButton href={`/requests/${grant.requestNumber}`}>Request #{grant.requestNumber}</LinkButton>
          {!grant.may.change && (
            <>
              {grant.expiresAt && <LinkButton href={`/requests/new?renew=${grant.id}`}>Renew</LinkButton>}
              <LinkButton href={`/requests/new?change=${grant.id}`}>Change</LinkButton>
            </>
          )}
          {!grant.may.revoke && (
            <RevokeButton
              workload={name}
              target={`the ${target.noun} ${target.name}${target.subResource ? `/${target.subResource}` : ""}`}
              account={target.accountName}
              consequences={grant.ifRevoked}
              others={grant.siblings.filter((one) => one.state === "active").length}
              revoke={revokeAction.bind(null, grant.id)}
            />
          )}
        </>
      }
    />
  );
}
