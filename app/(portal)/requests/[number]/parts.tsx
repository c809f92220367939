import { CircleCheck } from "lucide-react";
import { checkedWords } from "#components/findings/finding-data.ts";
import { FindingsList } from "#components/findings/findings-list.tsx";
import { PlanSteps } from "#components/plan/plan-steps.tsx";
import { ProofLimits, ProofTable } from "#components/proof/proof-table.tsx";
import { ChangeList } from "#components/requests/change-list.tsx";
import { CommentBox } from "#components/requests/comment-box.tsx";
import { Conversation } from "#components/requests/conversation.tsx";
import { LiveCheck } from "#components/requests/live-check.tsx";
import { pathHops } from "#components/requests/path-hops.tsx";
import { sectionStop } from "#components/requests/section-stop.ts";
import { TargetsList } from "#components/requests/targets-list.tsx";
import { VersionList } from "#components/requests/version-list.tsx";
import { YamlToCome } from "#components/requests/yaml-to-come.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Section } from "#components/ui/card.tsx";
import { PathPicture } from "#components/ui/path-picture.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { RequestView } from "#lib/db/queries/views/request.ts";
import type { RequestState } from "#lib/model/states.ts";
import { commentAction } from "./actions.ts";
import { changeOf, hasYamlToCome } from "./plan-facts.ts";

type PartProps = { request: RequestView };
/** Account id → name. */
type AccountNames = { accounts: Readonly<Record<string, string>> };
type TimedPartProps = PartProps & { now: string };

/** What is asked for, in detail. */
export function ChangePart({ request, now }: TimedPartProps) {
  const earlier = request.versions.filter((version) => version.number !== request.version.number);
  return (
    <Section
      id="access"
      className={sectionStop}
      title={
        request.version.targets.length === 1
          ? "Access"
          : `Access to ${request.version.targets.length} targets`
      }
    >
      <div className="space-y-5">
        {request.change && <ChangeList change={request.change} now={now} />}
        <TargetsList targets={request.version.targets} now={now} />
        {earlier.length > 0 && <VersionList versions={earlier} now={now} />}
      </div>
    </Section>
  );
}

/** The way from the pod to each target. */
export function PathPart({ request, accounts }: PartProps & AccountNames) {
  if (request.hops.length === 0) return null;
  return (
    <Section
      id="path"
      className={sectionStop}
      title="Path"
      description="How the pod gets to the resource, account by account"
    >
      <div className="space-y-5">
        {request.hops.map((hops, index) => {
          const target = request.version.targets[index];
          return (
            <PathPicture
              key={target?.grantId ?? index}
              label={`Path from ${request.workload.serviceAccount} to ${target?.name ?? "the target"}`}
              hops={pathHops(hops, { accounts, changeOf: changeOf(request.plan), noun: target?.noun })}
            />
          );
        })}
      </div>
    </Section>
  );
}

const open = "What approving would do in each account";
const closed = "What it would have done in each account";

const planMeans: Record<RequestState, string> = {
  in_review: open,
  changes_requested: open,
  approved: "What was approved, beside what is there today",
  rejected: closed,
  withdrawn: closed,
  lapsed: closed,
};

/** What would change, resource by resource. */
export function PlanPart({ request, now }: TimedPartProps) {
  const { plan, planProblem } = request;
  return (
    <Section
      id="plan"
      className={sectionStop}
      title="Plan"
      description={request.kept ? "What was approved, as it stood then" : planMeans[request.state]}
      meta={
        plan && (
          <Badge tone={plan.conflicts > 0 ? "danger" : "neutral"}>
            {plan.changes === 1 ? "1 change" : `${plan.changes} changes`}
          </Badge>
        )
      }
    >
      {plan ? (
        <PlanSteps
          plan={plan}
          now={now}
          findings={request.findings.items}
          checkedAt={request.preflight.finishedAt}
        />
      ) : (
        <Callout tone="warn" title="The plan can't be computed as things are now">
          {planProblem}
        </Callout>
      )}
    </Section>
  );
}

/** Who could reach what if the plan were carried out, beside who can today. */
export function ProofPart({ request }: PartProps) {
  if (request.proof.length === 0) return null;
  const nameOf = (grantId: string) =>
    request.version.targets.find((target) => target.grantId === grantId)?.name ?? "the target";
  return (
    <Section
      id="proof"
      className={sectionStop}
      title="Proof"
      description={
        request.kept
          ? "Who could reach it, as it stood when it was approved; the access itself has today's answer"
          : "Who could reach it, evaluated from the planned policies and compared with those of today"
      }
      flush
    >
      <div className="divide-y divide-line">
        {request.proof.map(({ grantId, rows }) => (
          <div key={grantId}>
            {request.proof.length > 1 && (
              <h3 className="px-4 pt-4 text-sm font-semibold text-ink sm:px-5">{nameOf(grantId)}</h3>
            )}
            <ProofTable caption={`Who could reach ${nameOf(grantId)}, by the planned policies`} rows={rows} />
          </div>
        ))}
        <div className="px-4 py-3 sm:px-5">
          <ProofLimits />
        </div>
      </div>
    </Section>
  );
}

/** All that is wrong with the documents, and all that the live look at both accounts has met. */
export function FindingsPart({ request, now }: TimedPartProps) {
  const { findings, preflight } = request;
  const seen = preflight.findings.length;
  return (
    <Section
      id="findings"
      className={sectionStop}
      title="Findings"
      description="What is wrong with the policies as they would be, and what was met in both accounts"
      footer={
        <div className="grid w-full gap-1.5">
          {findings.items.length > 0 && <p>{checkedWords(findings)}</p>}
          <LiveCheck
            state={preflight.state}
            finished={preflight.finishedAt !== null}
            findings={seen}
            when={preflight.finishedAt && <Timestamp value={preflight.finishedAt} now={now} />}
          />
        </div>
      }
    >
      {findings.items.length > 0 ? (
        <FindingsList findings={findings.items} />
      ) : (
        <p className="flex items-center gap-2.5 text-base text-ink">
          <CircleCheck aria-hidden="true" className="size-4 shrink-0 text-success-ink" />
          {checkedWords(findings)}
        </p>
      )}
    </Section>
  );
}

/** What the cluster gets in the end. */
export function YamlPart({ request }: PartProps) {
  if (!request.access || !hasYamlToCome(request)) return null;
  return (
    <Section
      id="yaml"
      className={sectionStop}
      title="YAML to come"
      description="For the cluster, once the access is active"
    >
      <YamlToCome access={request.access} />
    </Section>
  );
}

/** What happened and what was said. */
export function ConversationPart({ request, now }: TimedPartProps) {
  const refusal = request.may.comment;
  return (
    <Section
      id="conversation"
      className={sectionStop}
      title="Conversation"
      footer={
        <div className="w-full">
          {refusal ? (
            <p>
              {refusal.reason} {refusal.nextStep}
            </p>
          ) : (
            <CommentBox onComment={commentAction.bind(null, request.number)} />
          )}
        </div>
      }
    >
      <Conversation entries={request.timeline} now={now} />
    </Section>
  );
}
