import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant, GrantId } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { askers, ProvenRow } from "#lib/model/proven-access.ts";
import type { Workload } from "#lib/model/workload.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import { type IntendedRequest, intendedRequests } from "#lib/policy/intended.ts";
import { principalContext } from "#lib/policy/principals.ts";
import {
  type AccessDocuments,
  type PodOf,
  policiesOf,
  type Session,
  sessionsOf,
} from "./reachable-sessions.ts";

/**
 * Who gets in, by the evaluator over the documents as AWS has them: the workload may do all that the grant is for, and
 * the same name elsewhere, its neighbour and a caller without credentials may do nothing of it. Pure, and knows no
 * access pattern: it walks as a pod does, from token or agent to a role, on to chained roles, and to the target.
 *
 * What else AWS would look at (SCPs, RCPs, VPC endpoints, the policy of a KMS key) is not among the documents.
 *
 * @param desired what the grants own or need, as approved: what is asked comes from here
 * @param documents the same as read back, with what stands around it
 * @param now ISO 8601; grants that end are asked about now
 */
export function proveAccess(
  grant: Grant,
  desired: readonly CloudResource[],
  documents: AccessDocuments,
  now: string,
): ProvenRow[] {
  const { arn, accountId } = grant.target;
  const requests = intendedOf(grant.id, desired, arn);
  const actions = [...new Set(requests.map(({ action }) => action))].sort();
  const may = (session: Session | "anonymous", request: IntendedRequest) =>
    decide(documents, session, request, { arn, accountId, now });

  const row = (who: (typeof askers)[number], refused: readonly string[]): ProvenRow => {
    const wanted = who === "workload";
    const ok = wanted ? refused.length === 0 && actions.length > 0 : refused.length === actions.length;
    const wrong = wanted ? refused : actions.filter((action) => !refused.includes(action));
    const reason = ok ? "" : `${wanted ? "Refused" : "Allowed"}: ${wrong.join(", ") || "nothing was asked"}.`;
    return { who, actions, resource: arn, outcome: wanted === ok ? "allowed" : "refused", ok, reason };
  };
  /** Actions that no session of the pod may do in every form that the grant is for. */
  const refusedTo = (sessions: readonly (Session | "anonymous")[], every: boolean) =>
    actions.filter((action) => {
      const asked = requests.filter((request) => request.action === action);
      const gets = (request: IntendedRequest) => sessions.some((session) => may(session, request));
      return every ? !asked.every(gets) : !asked.some(gets);
    });

  const { workload } = grant;
  return [
    row("workload", refusedTo(sessionsOf(desired, documents, workload, "itself"), true)),
    ...impostors(workload).map(({ who, pod, as }) =>
      row(who, refusedTo(sessionsOf(desired, documents, pod, as), false)),
    ),
    row("anonymous", refusedTo(["anonymous"], false)),
  ];
}

function intendedOf(grantId: GrantId, desired: readonly CloudResource[], arn: string): IntendedRequest[] {
  return desired.flatMap((resource) =>
    resource.kind === "role-policy" && resource.owners.includes(grantId)
      ? intendedRequests(resource.body.document, arn)
      : [],
  );
}

interface Impostor {
  who: Exclude<(typeof askers)[number], "workload" | "anonymous">;
  pod: Workload;
  as: PodOf;
}

function impostors(workload: Workload): Impostor[] {
  const { cluster, namespace, serviceAccount } = workload;
  return [
    {
      who: "other-service-account",
      pod: { ...workload, serviceAccount: `${serviceAccount}-other` },
      as: "impostor",
    },
    { who: "other-namespace", pod: { ...workload, namespace: `${namespace}-other` }, as: "impostor" },
    {
      who: "other-cluster",
      pod: { ...workload, cluster: { ...cluster, name: `${cluster.name}-other` } },
      as: "other-cluster",
    },
  ];
}

function decide(
  documents: AccessDocuments,
  session: Session | "anonymous",
  { action, resource, context }: IntendedRequest,
  { arn, accountId, now }: { arn: string; accountId: string; now: string },
): boolean {
  const principal = session === "anonymous" ? ({ kind: "anonymous" } as const) : session.principal;
  const policy: PolicyDocument | undefined = documents.policies.get(arn);
  const own = session === "anonymous" ? { identity: [] } : policiesOf(documents, session.roleArn);
  const request = {
    principal,
    action,
    resource,
    resourceAccount: accountId,
    context: {
      ...context,
      ...principalContext(principal),
      "aws:CurrentTime": now,
      "aws:SecureTransport": "true",
      "aws:ResourceAccount": accountId,
    },
  };
  const onTarget = policy ? { resource: { name: `the policy of ${arn}`, document: policy } } : {};
  return evaluate(request, { ...own, ...onTarget }).effect === "allow";
}
