import { ArrowDown, PencilLine } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { LiveRefresh } from "#components/live/use-live-refresh.tsx";
import { StatementFocus } from "#components/plan/statement-focus.tsx";
import { AtAGlance } from "#components/requests/at-a-glance.tsx";
import { SectionNav } from "#components/requests/section-nav.tsx";
import { WithdrawButton } from "#components/requests/withdraw-button.tsx";
import { RiskBadge } from "#components/risk/risk-badge.tsx";
import { ListKeys } from "#components/shell/list-keys.tsx";
import { RequestStateBadge } from "#components/states/state-badges.tsx";
import { Avatar } from "#components/ui/avatar.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { accountNames } from "#lib/db/queries/people-views.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { runView } from "#lib/db/queries/runs.ts";
import type { RequestView } from "#lib/db/queries/views/request.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { livePosition } from "../../live.ts";
import { withdrawAction } from "./actions.ts";
import { RequestNotices } from "./notices.tsx";
import {
  ChangePart,
  ConversationPart,
  FindingsPart,
  PathPart,
  PlanPart,
  ProofPart,
  YamlPart,
} from "./parts.tsx";
import { accountsOf, hasYamlToCome, proofsOf } from "./plan-facts.ts";
import { RequestSide } from "./side.tsx";

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Request #${(await params).number}` };
}

export default async function RequestPage({ params }: Props) {
  const { number } = await params;
  const actor = await requireActor(`/requests/${number}`);
  const since = livePosition();
  const deps = webDeps();
  const request = /^\d{1,10}$/.test(number) ? await requestView(deps, actor, Number(number)) : null;
  if (!request) notFound();
  const now = deps.now().toISOString();
  const accounts = accountsOf(request, await accountNames(deps.prisma));
  const reviews = request.may.requestChanges === null;
  const [last] = request.runs;
  const failed = last?.state === "failed" ? await runView(deps, actor, last.id) : null;
  return (
    <>
      <LiveRefresh since={since} topics={topicsOf(request)} />
      <PageHeader
        breadcrumbs={[{ label: "Requests", href: "/requests" }]}
        title={
          <>
            {request.title} <span className="font-normal text-ink-faint">#{request.number}</span>
          </>
        }
        status={
          <>
            <RequestStateBadge state={request.state} />
            <RiskBadge level={request.risk.level} />
          </>
        }
        meta={
          <>
            <span className="flex items-center gap-1.5">
              <Avatar name={request.requester.name} size="sm" />
              {request.requester.name}
            </span>
            <span>
              asked <Timestamp value={request.createdAt} now={now} />
            </span>
            {request.versions.length > 1 && <span>version {request.version.number}</span>}
          </>
        }
        actions={
          <>
            {reviews && (
              // A plain address within the page: a client-side navigation has nothing to do here.
              <LinkButton href="#review" className="lg:hidden" icon={<ArrowDown aria-hidden="true" />}>
                Review
              </LinkButton>
            )}
            {request.may.revise === null && (
              <LinkButton href={`/requests/${request.number}/edit`} icon={<PencilLine aria-hidden="true" />}>
                Revise
              </LinkButton>
            )}
            {request.may.withdraw === null && (
              <WithdrawButton onWithdraw={withdrawAction.bind(null, request.number)} />
            )}
          </>
        }
      />
      <RequestNotices request={request} failed={failed} now={now} />
      <AtAGlance
        workload={request.workload}
        targets={request.version.targets}
        reason={request.version.reason}
        risk={request.risk}
        findings={request.findings}
        checked={request.preflight.finishedAt !== null}
        proof={proofsOf(request)}
        approvals={request.approvals}
        yours={request.may.approve === null && request.state === "in_review" ? request.may.satisfies : []}
        open={request.state === "in_review"}
        now={now}
      />
      <SectionNav label="Parts of this request" links={linksOf(request)} />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_18.5rem]">
        <div className="grid min-w-0 gap-6">
          <StatementFocus>
            <ListKeys>
              <div className="grid min-w-0 gap-6">
                <FindingsPart request={request} now={now} />
                <PlanPart request={request} now={now} />
              </div>
            </ListKeys>
          </StatementFocus>
          <ProofPart request={request} />
          <ChangePart request={request} now={now} />
          <PathPart request={request} accounts={accounts} />
          <YamlPart request={request} />
          <ConversationPart request={request} now={now} />
        </div>
        <RequestSide request={request} now={now} />
      </div>
    </>
  );
}

/** Its own changes, and those of the runs that carry it out. */
function topicsOf(request: RequestView) {
  const runs = request.runs.filter((run) => run.state === "queued" || run.state === "running");
  return [{ topic: "request", id: request.id }, ...runs.map((run) => ({ topic: "run", id: run.id }))];
}

function linksOf(request: RequestView) {
  const comments = request.timeline.filter((entry) => entry.kind === "comment").length;
  return [
    { id: "findings", label: "Findings", count: request.findings.items.length || undefined },
    { id: "plan", label: "Plan", count: request.plan?.changes },
    ...(request.proof.length > 0 ? [{ id: "proof", label: "Proof" }] : []),
    { id: "access", label: "Access" },
    ...(request.hops.length > 0 ? [{ id: "path", label: "Path" }] : []),
    ...(hasYamlToCome(request) ? [{ id: "yaml", label: "YAML" }] : []),
    { id: "conversation", label: "Conversation", count: comments || undefined },
  ];
}
