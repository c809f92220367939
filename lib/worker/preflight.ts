import { z } from "zod";
import { classify } from "#lib/aws/errors.ts";
import { explain } from "#lib/aws/explain.ts";
import { preflight } from "#lib/aws/preflight.ts";
import type { AccountClients } from "#lib/aws/sessions.ts";
import { clusterEstate, knownGrants, liveGrants, workloadOf } from "#lib/db/estate.ts";
import { notify } from "#lib/db/notify.ts";
import { grantBefore } from "#lib/db/queries/grant-before.ts";
import { compile, loadWorkloadFacts } from "#lib/db/queries/proposal.ts";
import { riskFromSnapshot } from "#lib/db/queries/request-risk.ts";
import type { Db, Prisma } from "#lib/db/types.ts";
import { targetPlaces } from "#lib/desired/targets.ts";
import type { Account } from "#lib/model/account.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { findAccount } from "#lib/model/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type Risk, riskLevels, riskSchema } from "#lib/model/risk.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { analyzerOnly, guardedClients, readOnly } from "./clients.ts";
import { patience, type WorkerDeps } from "./deps.ts";
import { record } from "./history.ts";
import { ownedOnCluster } from "./owned.ts";

/** Approvers wait for the live check, so Access Analyzer has this long, in milliseconds. */
const analyzerWithinMs = 15_000;

interface PreflightResult {
  state: "done" | "failed";
  findings: PreflightFinding[];
}

/**
 * Looks in AWS, before anybody approves, at what a version of a request would meet. Reads only, so it may run twice;
 * a version that was looked at already is left as it is.
 */
export async function runPreflight(deps: WorkerDeps, requestId: string, version: number): Promise<void> {
  const where = { requestId_number: { requestId, number: version } };
  const row = await deps.prisma.requestVersion.findUnique({ where, include: { request: true } });
  if (row?.preflightState !== "queued") return;
  const grants = z.array(grantSchema).parse(row.grants);
  const { request } = row;
  const source = `request-${request.number}`;
  const result = await check(deps, grants, source);
  const errors = result.findings.filter(({ severity }) => severity === "error").length;
  const warnings = result.findings.filter(({ severity }) => severity === "warning").length;
  await deps.prisma.$transaction(async (tx) => {
    const { count } = await tx.requestVersion.updateMany({
      where: { requestId, number: version, preflightState: "queued" },
      data: {
        preflightState: result.state,
        preflightFindings: result.findings.map((finding) => ({ ...finding })),
        preflightFinishedAt: new Date(),
      },
    });
    if (count === 0) return;
    const risk = await riskWith(tx, deps.installation, request, grants, result.findings);
    if (risk && !isLower(risk, riskSchema.parse(row.risk)))
      await tx.requestVersion.update({
        where: { requestId_number: { requestId, number: version } },
        data: { risk },
      });
    const history = {
      runId: null,
      requestId,
      accountIds: request.accountIds,
      correlationId: `preflight-${requestId}-${version}`,
    };
    const data = { number: request.number, version, errors, warnings };
    await record(tx, history, { type: "preflight.finished", data });
    await notify(tx, { topic: "request", id: requestId });
  }, patience);
  deps.log.info({ requestId, version, state: result.state, errors, warnings }, "preflight finished");
}

/** Than what was found when it was submitted; what was asked for before risks were assessed has no level of its own. */
function isLower(risk: Risk, submitted: Risk): boolean {
  if (submitted.reasons.some(({ id }) => id === "unassessed")) return false;
  return riskLevels.indexOf(risk.level) < riskLevels.indexOf(submitted.level);
}

/** What the live check found may raise the risk, and never lowers it. Null: it can't be said as things are, and stays as it was. */
async function riskWith(
  tx: Db,
  installation: string,
  request: Prisma.RequestGetPayload<object>,
  grants: Grant[],
  findings: readonly PreflightFinding[],
): Promise<Risk | null> {
  const arns = grants.map(({ target }) => target.arn);
  const facts = await loadWorkloadFacts(tx, installation, workloadOf(request), arns);
  const before = await grantBefore(tx, request);
  const compiled = compile(facts, request.kind, grants, before ? [before] : []);
  return compiled.ok ? riskFromSnapshot(tx, compiled.value, facts.estate, new Date(), findings) : null;
}

async function check(deps: WorkerDeps, grants: readonly Grant[], source: string): Promise<PreflightResult> {
  const [first] = grants;
  if (!first) return { state: "done", findings: [] };
  const { workload } = first;
  const { cluster } = workload;
  const [estate, wanted] = await Promise.all([
    clusterEstate(deps.prisma, deps.installation, cluster, grants),
    liveGrants(deps.prisma, cluster),
  ]);
  const ids = grants.map(({ id }) => id);
  let known: CloudResource[];
  try {
    const others = wanted.filter(({ id }) => !ids.includes(id));
    known = deps.compile([...others, ...grants], estate);
  } catch (error) {
    return { state: "failed", findings: [notCompiled(cluster.accountId, error)] };
  }
  const resources = closureOf(known, ids);
  const targets = targetPlaces(grants, estate);
  const accounts = [
    ...new Set([...resources, ...targets, cluster].map(({ accountId }) => accountId)),
  ].flatMap((id) => findAccount(estate, id) ?? []);
  const sessionsFor = (what: string, policy: PolicyDocument) => {
    const purpose = { sessionName: `drawbridge-${what}-${source}`, sourceIdentity: source, policy };
    return new Map(
      accounts.map((account) => [account.id, guardedClients(deps, account, purpose, { check: () => {} })]),
    );
  };
  const clientsOf = sessionsFor("preflight", readOnly);
  const unreachable = (await Promise.all(accounts.map((account) => tryAccount(clientsOf, account)))).flat();
  if (unreachable.length > 0) return { state: "failed", findings: unreachable };
  const { installation } = deps;
  const findings = await preflight({
    clientsOf,
    installation,
    resources,
    targets,
    workload,
    // Those that are being taken back are no strangers on the role.
    known: [...known, ...(await ownedOnCluster(deps.prisma, deps, workload, estate))],
    knownGrants: (ids) => knownGrants(deps.prisma, ids),
    ...(deps.accessAnalyzer
      ? { accessAnalyzer: { clientsOf: sessionsFor("analyzer", analyzerOnly), withinMs: analyzerWithinMs } }
      : {}),
  });
  return { state: "done", findings };
}

/** Without a session there nothing can be said of the account, which is one finding and not one a check. */
async function tryAccount(
  clientsOf: ReadonlyMap<string, AccountClients>,
  { id }: Account,
): Promise<PreflightFinding[]> {
  try {
    await clientsOf.get(id)?.sts().config.credentials();
    return [];
  } catch (error) {
    const { cause, nextStep } = explain(classify(error), { kind: "account", accountId: id, key: id });
    return [
      {
        id: "account.unreachable",
        severity: "error",
        accountId: id,
        title: "The account can't be reached",
        detail: cause,
        nextStep,
      },
    ];
  }
}

function notCompiled(accountId: string, error: unknown): PreflightFinding {
  return {
    id: "plan.impossible",
    severity: "error",
    accountId,
    title: "There is no plan for this request",
    detail: error instanceof Error ? error.message : String(error),
    nextStep: "Withdraw the request and submit it again with what is registered now.",
  };
}
