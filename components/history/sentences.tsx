import type { ReactNode } from "react";
import { thingOf } from "#components/history/things.ts";
import { formatDuration } from "#components/live/duration.ts";
import { TextLink } from "#components/ui/text-link.tsx";
import type { AuditEvents, AuditEventType } from "#lib/model/audit-event.ts";
import type { GrantChangeWord } from "#lib/model/grant-change.ts";

/** An event as pages get it: what a HistoryEntry has of it. */
export type HistoryEvent = {
  type: AuditEventType;
  actor: { id: string | null; name: string };
  requestNumber: number | null;
  grantId: string | null;
  runId: string | null;
  data: Record<string, unknown>;
};

type Sentence<T extends AuditEventType> = (data: AuditEvents[T], event: HistoryEvent) => ReactNode;

const decisions: Record<AuditEvents["request.reviewed"]["decision"], string> = {
  approve: "approved",
  request_changes: "asked for changes to",
  reject: "rejected",
};

const runNouns: Record<string, string> = {
  provision: "provisioning",
  revoke: "revocation",
  repair: "repair",
};
const podNames: Record<string, string> = {
  "cluster-job": "a pod in the cluster",
  "sandbox-pod": "a pod in the sandbox",
};

const changes: Record<GrantChangeWord, { to: string; past: string }> = {
  renew: { to: "renew", past: "renewed" },
  change: { to: "change", past: "changed" },
  "roll-back": { to: "roll back", past: "rolled back" },
};

const pastOf: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
};

/** What follows the actor's name, for every type of event. */
const sentences: { [T in AuditEventType]: Sentence<T> } = {
  "person.signed-in": ({ provider }) => <>signed in with {provider}</>,
  "person.signed-out": () => "signed out",
  "request.submitted": ({ number, title }) => (
    <>
      made <Request number={number} />: {title}
    </>
  ),
  "request.revised": ({ number, version }) => (
    <>
      revised <Request number={number} /> to version {version}
    </>
  ),
  "request.commented": ({ number }) => (
    <>
      commented on <Request number={number} />
    </>
  ),
  "request.reviewed": ({ number, version, decision, comment }) => (
    <>
      {decisions[decision]} version {version} of <Request number={number} />
      {comment && <>: “{comment}”</>}
    </>
  ),
  "request.approved": ({ number, version }) => (
    <>
      completed the approvals of <Request number={number} />, version {version}
    </>
  ),
  "request.changes-requested": ({ number, version }) => (
    <>
      sent <Request number={number} />, version {version}, back for changes
    </>
  ),
  "request.rejected": ({ number, version }) => (
    <>
      closed <Request number={number} />, version {version}, as rejected
    </>
  ),
  "request.withdrawn": ({ number }) => (
    <>
      withdrew <Request number={number} />
    </>
  ),
  "request.lapsed": ({ number }) => (
    <>
      let <Request number={number} /> lapse: the access that it was about is being revoked
    </>
  ),
  "preflight.finished": ({ number, version, errors, warnings }) => (
    <>
      checked version {version} of <Request number={number} /> in both accounts: {count(errors, "error")},{" "}
      {count(warnings, "warning")}
    </>
  ),
  "grant.provisioning": ({ target }, event) => (
    <>
      began to provision <Grant event={event} target={target} />
    </>
  ),
  "grant.active": ({ target }, event) => (
    <>
      made <Grant event={event} target={target} /> active
    </>
  ),
  "grant.failed": ({ target, cause }, event) => (
    <>
      could not carry out <Grant event={event} target={target} />: {cause}
    </>
  ),
  "grant.changing": ({ target, change }, event) => (
    <>
      began to {changes[change].to} <Grant event={event} target={target} />
    </>
  ),
  "grant.changed": ({ target, change }, event) => (
    <>
      {changes[change].past} <Grant event={event} target={target} />
    </>
  ),
  "grant.change-failed": ({ target, change, cause }, event) => (
    <>
      could not {changes[change].to} <Grant event={event} target={target} />: {cause}
    </>
  ),
  "grant.revoking": ({ target, reason }, event) => (
    <>
      revoked <Grant event={event} target={target} />: “{reason}”
    </>
  ),
  "grant.revoked": ({ target }, event) => (
    <>
      removed <Grant event={event} target={target} /> from AWS
    </>
  ),
  "grant.given-up": ({ target, reason, left }, event) => (
    <>
      gave up removing <Grant event={event} target={target} /> from AWS, where{" "}
      {left.length > 0 ? count(left.length, "resource") : "anything of it"} may be left: “{reason}”
    </>
  ),
  "grant.verified": ({ source, ok }, event) =>
    source === "documents" ? (
      <>
        read <Grant event={event} target={null} /> back from AWS:{" "}
        {ok ? "it is as it should be" : "it is not as it should be"}
      </>
    ) : (
      <>
        heard from {podNames[source] ?? "a pod"} that <Grant event={event} target={null} />{" "}
        {ok ? "works" : "does not work"}
      </>
    ),
  "grant.drifted": ({ target, findings }, event) => (
    <>
      found that <Grant event={event} target={target} /> is no longer in AWS as approved:{" "}
      {findings.join("; ")}
    </>
  ),
  "grant.statements-dead": ({ target }, event) => (
    <>
      found that what <Grant event={event} target={null} /> had in the policy of <Thing name={target} /> lets
      nobody in, since its role was deleted: it leaves the policy, which could not be changed with it
    </>
  ),
  "grant.drift-cleared": ({ target, repaired }, event) => (
    <>
      {repaired ? "repaired " : "found "}
      <Grant event={event} target={target} />
      {repaired ? ": it is in AWS as approved" : " in AWS as approved again"}
    </>
  ),
  "run.queued": ({ kind }, event) => (
    <>
      queued <Run event={event} kind={kind} />
    </>
  ),
  "run.started": ({ kind, worker, steps }, event) => (
    <>
      started <Run event={event} kind={kind} /> of {count(steps, "step")} on {worker}
    </>
  ),
  "run.taken-over": ({ worker, from }, event) => (
    <>
      took <Run event={event} kind={null} /> over from {from}, which gave no sign of life, on {worker}
    </>
  ),
  "run.succeeded": ({ kind, durationMs }, event) => (
    <>
      finished <Run event={event} kind={kind} /> in {formatDuration(durationMs)}
    </>
  ),
  "run.failed": ({ kind, cause }, event) => (
    <>
      could not finish <Run event={event} kind={kind} />: {cause}
    </>
  ),
  "run.retried": ({ kind }, event) => (
    <>
      retried <Run event={event} kind={kind} />
    </>
  ),
  "step.intended": ({ key, verb }) => (
    <>
      set out to {verb} <Thing name={key} />
    </>
  ),
  "step.succeeded": ({ key, verb, outcome }) => (
    <>
      {pastOf[verb] ?? `did ${verb} of`} <Thing name={key} />
      {outcome !== (pastOf[verb] ?? "") && ` (${outcome})`}
    </>
  ),
  "step.failed": ({ key, verb, cause }) => (
    <>
      could not {verb} <Thing name={key} />: {cause}
    </>
  ),
  "account.registered": ({ accountId, name }) => (
    <>
      registered the account <Account id={accountId} name={name} />
    </>
  ),
  "account.updated": ({ accountId, name }) => (
    <>
      changed the settings of the account <Account id={accountId} name={name} />
    </>
  ),
  "account.sync-requested": ({ accountId }) => (
    <>
      asked for account <Account id={accountId} name={accountId} /> to be read again
    </>
  ),
  "cluster.registered": ({ cluster }) => (
    <>
      registered the cluster <Cluster name={cluster} />
    </>
  ),
  "cluster.unregistered": ({ cluster }) => (
    <>
      unregistered the cluster <Cluster name={cluster} />
    </>
  ),
  "cluster.updated": ({ cluster }) => (
    <>
      learned something new about the cluster <Cluster name={cluster} />
    </>
  ),
  "cluster.namespace-owner-set": ({ cluster, namespace, group }) =>
    group === null ? (
      <>
        took the owner off the namespace {namespace} on <Cluster name={cluster} />
      </>
    ) : (
      <>
        made {group} the owner of the namespace {namespace} on <Cluster name={cluster} />
      </>
    ),
  "manifest.url-issued": ({ expiresAt }, event) => (
    <>
      made an address for the manifest of <Grant event={event} target={null} />, good until{" "}
      {expiresAt.slice(11, 16)} UTC
    </>
  ),
  "history.check-requested": () => "asked for all of history to be checked",
  "history.broken": ({ fault }) => <>found that history is not as it was sealed: {fault}</>,
};

/** What happened, to be read after the actor's name. */
export function EventSentence({ event }: { event: HistoryEvent }) {
  // Rows are written from AuditEntry values only, so the data fits its type.
  const say = sentences[event.type] as Sentence<AuditEventType> | undefined;
  return <>{say ? say(event.data as never, event) : event.type}</>;
}

function count(number: number, noun: string): string {
  return `${number === 0 ? "no" : number} ${noun}${number === 1 ? "" : "s"}`;
}

function Request({ number }: { number: number }) {
  return <TextLink href={`/requests/${number}`}>request #{number}</TextLink>;
}

/** The grant by its target, or by its id where the event does not say. */
function Grant({ event, target }: { event: HistoryEvent; target: string | null }) {
  const name = target?.split(":").at(-1) ?? event.grantId;
  if (event.grantId === null) return <>access to {name}</>;
  return (
    <TextLink href={`/access/${event.grantId}`}>
      {target === null ? "access " : "access to "}
      {name}
    </TextLink>
  );
}

function Run({ event, kind }: { event: HistoryEvent; kind: string | null }) {
  const words = kind === null ? "the run" : `the ${runNouns[kind] ?? kind} run`;
  return event.runId === null ? words : <TextLink href={`/runs/${event.runId}`}>{words}</TextLink>;
}

function Account({ id, name }: { id: string; name: string }) {
  return <TextLink href={`/admin/accounts/${id}`}>{name}</TextLink>;
}

/** What a step acts on, in words; the data has its whole key. */
function Thing({ name }: { name: string }) {
  const { kind, title } = thingOf(name);
  return (
    <>
      {kind} <code className="font-mono text-xs wrap-anywhere text-ink">{title}</code>
    </>
  );
}

function Cluster({ name }: { name: string }) {
  return <span className="text-ink">{name.split("/").at(-1)}</span>;
}
