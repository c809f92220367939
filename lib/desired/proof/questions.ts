import { parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { actionFits } from "#lib/policy/elements.ts";
import { evaluate } from "#lib/policy/evaluate.ts";
import {
  example,
  fulfilled,
  type IntendedRequest,
  intendedRequests,
  roleSession,
} from "#lib/policy/intended.ts";
import type { FinalCall, Guarded } from "#lib/policy/path.ts";
import { accountPrincipal, principalEntries } from "#lib/policy/principals.ts";
import { patternWithin } from "#lib/policy/within.ts";
import { serviceOf } from "../services/catalogue.ts";
import { keyCalls, keyCallsBeyond, leftToIam } from "./key-use.ts";
import type { AccessDocuments } from "./reachable-sessions.ts";

/** One thing to do with the target, with what the service then does with the key behind it. */
export interface Question {
  /** the action, or what tells it from another question about the same action */
  label: string;
  call: FinalCall;
  key: FinalCall[];
  /** the call itself is on the key */
  onKey?: true;
}

/** What the grant is for: one question for each action and resource of its permissions on the target. */
export function intendedQuestions(
  grant: Grant,
  desired: readonly CloudResource[],
  documents: AccessDocuments,
): Question[] {
  return desired
    .flatMap((one) =>
      one.kind === "role-policy" && one.owners.includes(grant.id)
        ? intendedRequests(one.body.document, grant.target.arn)
        : [],
    )
    .map((request) => questionOf(grant, request, documents));
}

/**
 * The same actions on parts of the target that its own policy names, such as a public folder of a bucket of which the
 * grant is for all: what holds for an example of the whole need not hold there.
 */
export function partQuestions(
  grant: Grant,
  desired: readonly CloudResource[],
  documents: AccessDocuments,
): Question[] {
  const { arn } = grant.target;
  const policy = documents.policies.get(arn);
  if (!policy) return [];
  // Only what may let in somebody whom nobody named, for what it may let them do.
  const opening = statementsOf(policy).filter((one) => one.Effect === "Allow" && mayBeForAnybody(one));
  const parts = opening.flatMap(({ Resource, Action, NotAction }) =>
    listOf(Resource)
      // A variable stands for nothing here.
      .filter((part) => part.startsWith(`${arn}/`) && !part.includes("${"))
      .map((part) => ({
        part,
        covers: (action: string) =>
          NotAction !== undefined || listOf(Action).some((one) => actionFits(one, action) === "match"),
      })),
  );
  return desired
    .flatMap((one) =>
      one.kind === "role-policy" && one.owners.includes(grant.id) ? statementsOf(one.body.document) : [],
    )
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap((statement) =>
      listOf(statement.Resource).flatMap((whole) =>
        parts
          .filter(({ part }) => part !== whole && patternWithin(part, whole))
          .flatMap(({ part, covers }) =>
            listOf(statement.Action)
              .filter(covers)
              .map((action) => {
                const request = { action, resource: example(part), context: fulfilled(statement) };
                return questionOf(grant, request, documents, `${action} on ${part.slice(arn.length + 1)}`);
              }),
          ),
      ),
    );
}

/** Whether it names everybody or an account; who is named as a role or a service is no stranger's way in. */
function mayBeForAnybody({ Principal, NotPrincipal }: Statement): boolean {
  if (NotPrincipal !== undefined) return true;
  return (principalEntries(Principal) ?? []).some(
    ([kind, value]) =>
      (kind === "AWS" && (value === "*" || accountPrincipal(value) !== null)) || kind === "CanonicalUser",
  );
}

/** Near what the grant is for and no part of it, but for what another grant of the workload is for. */
export function beyondQuestions(
  grant: Grant,
  desired: readonly CloudResource[],
  documents: AccessDocuments,
): Question[] {
  return [...beyondTheTarget(grant, desired, documents), ...beyondTheKey(grant, documents)];
}

function beyondTheKey({ target }: Grant, { keys, resources }: AccessDocuments): Question[] {
  const key = keys?.get(target.arn);
  if (!key) return [];
  const permissions = resources.flatMap((one) =>
    one.kind === "role-policy" ? statementsOf(one.body.document) : [],
  );
  return keyCallsBeyond(target.arn, key, permissions).map((one) => ({
    ...one,
    key: [],
    onKey: true as const,
  }));
}

/**
 * A question about a key as if its policy left everything to IAM, whichever account the workload's roles are in; null:
 * it is about a target.
 */
export function askedOfIamAlone(
  { workload, target }: Grant,
  { call, ...question }: Question,
): Question | null {
  if (!question.onKey) return null;
  const accounts = new Set([call.on.accountId, workload.cluster.accountId, target.accountId]);
  const policy = leftToIam([...accounts], parseArn(call.on.arn)?.partition ?? "aws");
  return { ...question, call: { ...call, on: { ...call.on, policy } } };
}

function beyondTheTarget(
  grant: Grant,
  desired: readonly CloudResource[],
  documents: AccessDocuments,
): Question[] {
  const arn = parseArn(grant.target.arn);
  const service = arn && serviceOf(arn.service);
  if (!arn || !service) return [];
  const { level, custom, subResource } = grant;
  return service
    .beyond({ arn, arnText: grant.target.arn, level, custom, subResource })
    .map(({ context = {}, label, ...request }) => ({ request: { ...request, context }, label }))
    .filter(({ request }) => !isOfAnother(grant, desired, request))
    .map(({ request, label }) => questionOf(grant, request, documents, label));
}

/** Whether some other grant may ever give it to the same role, whatever the request brings. */
function isOfAnother(grant: Grant, desired: readonly CloudResource[], request: IntendedRequest): boolean {
  const policies = desired.flatMap((one) =>
    one.kind === "role-policy"
      ? [
          {
            role: one.key.split("#")[0],
            own: one.owners.includes(grant.id),
            name: one.key,
            document: one.body.document,
          },
        ]
      : [],
  );
  const roles = new Set(policies.filter(({ own }) => own).map(({ role }) => role));
  const identity = policies.filter(({ own, role }) => !own && roles.has(role));
  const partition = parseArn(grant.target.arn)?.partition ?? "aws";
  const principal = roleSession(`arn:${partition}:iam::${grant.target.accountId}:role/anybody`, "pod");
  const asked = { ...request, principal, resourceAccount: grant.target.accountId, unknownKeys: ["*"] };
  const { effect } = evaluate(asked, { identity });
  return effect === "allow" || effect === "unknown";
}

function questionOf(
  grant: Grant,
  request: IntendedRequest,
  documents: AccessDocuments,
  label = request.action,
): Question {
  const { arn, accountId } = grant.target;
  const key = documents.keys?.get(arn);
  return {
    label,
    call: {
      action: request.action,
      on: { arn: request.resource, accountId, ...policyOf(documents, arn) },
      context: request.context,
      ...(/^s3:/i.test(request.action) ? { possibleValues: tls } : {}),
    },
    key: key ? keyCalls(arn, request, key) : [],
  };
}

/** "TLS 1.2 is the minimum for all AWS API endpoints" (AWS Security Blog, 2024); S3 takes 1.3 as well. */
const tls = { "s3:TlsVersion": ["1.2", "1.3"] };

function policyOf({ policies, unreadPolicies }: AccessDocuments, arn: string): Partial<Guarded> {
  const name = `the policy of ${arn}`;
  const document = policies.get(arn);
  if (document) return { policy: { name, document } };
  return unreadPolicies?.has(arn) ? { unread: [{ kind: "resource", name }] } : {};
}
