import { readIssuer } from "#lib/aws/inventory/eks.ts";
import type { Prisma } from "#lib/db/types.ts";
import type { ObservedState } from "#lib/model/cloud-resource.ts";
import type { DriftFinding } from "#lib/model/drift.ts";
import { type Estate, findCluster, withIssuer } from "#lib/model/estate.ts";
import { type Grant, type GrantId, grantSchema } from "#lib/model/grant.ts";
import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import { type ClusterRef, clusterKey, type Workload } from "#lib/model/workload.ts";
import { driftFinding } from "#lib/plan/drift.ts";
import { AwsFailure, failureOf, inAws } from "./aws-attempt.ts";
import type { WorkerDeps } from "./deps.ts";
import { desiredAsApproved, RunRefused } from "./picture.ts";
import { type Approved, isAsApproved, isSameForm, loadApproved } from "./repair.ts";
import type { Readers } from "./run-context.ts";

interface Look {
  deps: WorkerDeps;
  readers: Readers;
  observed: ObservedState;
}

/** The cluster's issuer as EKS says it now; the registered one where EKS can't be asked. */
export async function currentIssuer(
  { deps, readers }: Look,
  cluster: ClusterRef,
  today: Estate,
): Promise<{ issuer: string | null; findings: DriftFinding[] }> {
  const issuer = findCluster(today, cluster)?.issuer ?? null;
  const subject = { kind: "account", accountId: cluster.accountId, key: clusterKey(cluster) };
  try {
    const clients = readers.of(cluster.accountId);
    const found = await inAws(deps.stopping, [], () => readIssuer(clients.eks(cluster.region), cluster.name));
    return { issuer: found ?? issuer, findings: [] };
  } catch (error) {
    if (error instanceof AwsFailure && error.failure.kind === "not-found")
      return { issuer, findings: [driftFinding("cluster.gone", subject, cluster.name)] };
    const now =
      error instanceof AwsFailure
        ? [failureOf(error, subject).cause]
        : error instanceof RunRefused
          ? [error.failure.cause]
          : undefined;
    if (!now) throw error;
    const what = `the cluster ${cluster.name}`;
    return { issuer, findings: [driftFinding("unreadable", subject, what, { now })] };
  }
}

interface ApprovalInput {
  rows: readonly Prisma.GrantGetPayload<object>[];
  wanted: readonly Grant[];
  today: Estate;
  current: string | null;
  workload: Workload;
}

/**
 * Whether what is compared with AWS is still what was approved, to the digest. A cluster that was made anew has a new
 * issuer: then the approved documents name the one with which the digest comes out, and are compared with that.
 *
 * @returns the issuer that the approvals name, and what is to be said of each grant
 */
export async function compareApproval(
  look: Look,
  { rows, wanted, today, current, workload }: ApprovalInput,
): Promise<{ issuer: string | null; findings: Map<GrantId, DriftFinding[]> }> {
  const { cluster } = workload;
  const registered = findCluster(today, cluster)?.issuer ?? null;
  const findings = new Map<GrantId, DriftFinding[]>();
  let issuer = registered;
  for (const row of rows) {
    const approved = await loadApproved(look.deps.prisma, row.requestId);
    const grant = grantSchema.parse(row.spec);
    const fits = (candidate: string | null) =>
      approved !== null && hasDigest(look.deps, approved, wanted, withIssuer(today, cluster, candidate));
    const about = { accountId: cluster.accountId, key: clusterKey(cluster) };
    // What was approved before versions told theirs names it in its documents, if anywhere.
    const named = [approved?.version.issuer ?? registered, current, ...issuersIn(look.observed)].find(fits);
    if (named === undefined || !approved || !isSameForm(approved, [grant])) {
      const name = `${workload.namespace}/${workload.serviceAccount}`;
      findings.set(row.id, [driftFinding("approval.outdated", about, name)]);
    } else if (!fits(current)) {
      issuer = named;
      const details = { approved: [`Issuer ${named}`], now: [`Issuer ${current}`] };
      findings.set(row.id, [driftFinding("cluster.recreated", about, cluster.name, details)]);
    } else if (named !== registered) issuer = named;
  }
  return { issuer, findings };
}

function hasDigest(deps: WorkerDeps, approved: Approved, wanted: readonly Grant[], estate: Estate): boolean {
  try {
    return isAsApproved(deps, approved, desiredAsApproved(deps, approved, wanted, estate), estate);
  } catch (error) {
    if (error instanceof RunRefused) return false;
    throw error;
  }
}

/** Issuers that the trust policies of the roles name, as they are in AWS. */
function issuersIn(observed: ObservedState): string[] {
  const providers = Object.values(observed).flatMap((seen) =>
    seen.state === "present" && "trust" in seen.body
      ? statementsOf(seen.body.trust).flatMap(({ Principal }) =>
          typeof Principal === "object" ? listOf(Principal.Federated) : [],
        )
      : [],
  );
  return [...new Set(providers.flatMap((arn) => /:oidc-provider\/(.+)$/.exec(arn)?.[1] ?? []))];
}
