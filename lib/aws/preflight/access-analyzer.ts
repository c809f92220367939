import {
  type AccessAnalyzerClient,
  CheckNoNewAccessCommand,
  paginateValidatePolicy,
  type ValidatePolicyFinding,
} from "@aws-sdk/client-accessanalyzer";
import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource, ObservedState, ResourceKind } from "#lib/model/cloud-resource.ts";
import { makePlan } from "#lib/plan/plan.ts";
import { mapLimited } from "../limiter.ts";
import type { AccountClients } from "../sessions.ts";
import { accessFindings, unavailable, validationFindings } from "./analyzer-findings.ts";
import { type AnalyzedPolicy, policiesToAnalyze } from "./analyzer-policies.ts";
import type { PreflightContext, PreflightFinding } from "./finding.ts";

export interface AccessAnalyzerInput {
  /** Sessions that may ask Access Analyzer and do nothing else; an account without is not asked. */
  clientsOf: ReadonlyMap<AccountId, AccountClients>;
  /** What has no answer by then, in milliseconds, stays without one. */
  withinMs: number;
}

/** Questions to one account at the same time. */
const questionsAtATime = 4;

const withPolicies = new Set<ResourceKind>(["role", "role-policy", "resource-policy-statements"]);

/**
 * What IAM Access Analyzer says of each policy that the plan makes or changes: its checks of the document and, where
 * there is a policy already, whether the change gives new access. Its answers stand beside ours and never replace
 * them, so that it can't be asked is one finding of no weight. Never throws.
 *
 * Source: IAM Access Analyzer API reference, ValidatePolicy and CheckNoNewAccess; neither needs an analyzer.
 */
export async function askAccessAnalyzer(
  { clientsOf, withinMs }: AccessAnalyzerInput,
  { accountId, resources, look }: Pick<PreflightContext, "accountId" | "resources" | "look">,
): Promise<PreflightFinding[]> {
  const clients = clientsOf.get(accountId);
  if (!clients) return [];
  const failures: unknown[] = [];
  const observed: ObservedState = {};
  const signal = AbortSignal.timeout(withinMs);
  const orFailure = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await before(signal, work);
    } catch (error) {
      failures.push(error);
      return otherwise;
    }
  };

  const seen = await mapLimited(
    resources.filter(({ kind }) => withPolicies.has(kind)),
    questionsAtATime,
    (resource: CloudResource) =>
      orFailure(async () => {
        observed[resource.key] = await look(resource);
        return [resource];
      }, []),
  );
  const after = seen.flat();
  const grantIds = after.flatMap(({ owners }) => owners);
  const policies = policiesToAnalyze(makePlan({ before: [], after, grantIds, observed }).steps);
  const questions = policies.flatMap((policy) => {
    const client = clients.accessAnalyzer(policy.resource.region);
    return [
      async () => validationFindings(policy, await validate(client, policy, signal)),
      ...(policy.before ? [() => compare(client, policy, signal)] : []),
    ];
  });
  const answers = await mapLimited(questions, questionsAtATime, (question) => orFailure(question, []));
  return [
    ...answers.flat(),
    ...(failures.length > 0 ? [unavailable(accountId, failures, { withinMs, signal })] : []),
  ];
}

async function validate(
  client: AccessAnalyzerClient,
  { after, policyType, resourceType }: AnalyzedPolicy,
  abortSignal: AbortSignal,
): Promise<ValidatePolicyFinding[]> {
  const found: ValidatePolicyFinding[] = [];
  const pages = paginateValidatePolicy(
    { client, stopOnSameToken: true },
    {
      policyDocument: JSON.stringify(after),
      policyType,
      ...(resourceType ? { validatePolicyResourceType: resourceType } : {}),
    },
    { abortSignal },
  );
  for await (const { findings = [] } of pages) found.push(...findings);
  return found;
}

async function compare(
  client: AccessAnalyzerClient,
  policy: AnalyzedPolicy,
  abortSignal: AbortSignal,
): Promise<PreflightFinding[]> {
  const answer = await client.send(
    new CheckNoNewAccessCommand({
      existingPolicyDocument: JSON.stringify(policy.before),
      newPolicyDocument: JSON.stringify(policy.after),
      policyType: policy.policyType,
    }),
    { abortSignal },
  );
  return accessFindings(policy, answer);
}

/** The signal's reason when that comes first: a call that waits for its turn does not hear of it by itself. */
async function before<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } catch (error) {
    // The SDK has an error of its own for a call that was given up.
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
