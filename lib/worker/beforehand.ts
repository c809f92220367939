import { readIssuer } from "#lib/aws/inventory/eks.ts";
import { mapLimited } from "#lib/aws/limiter.ts";
import { type PreflightFinding, preflight } from "#lib/aws/preflight.ts";
import { knownGrants } from "#lib/db/estate.ts";
import { targetPlaces } from "#lib/desired/targets.ts";
import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import { findCluster } from "#lib/model/estate.ts";
import type { Failure } from "#lib/model/run.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { AwsFailure, inAws, retrying } from "./aws-attempt.ts";
import { ownedOnCluster } from "./owned.ts";
import { closureOfRun, type Picture, RunRefused } from "./picture.ts";
import { type RunContext, until } from "./run-context.ts";
import { observeOne, readsAtATime } from "./verify.ts";

/** Milliseconds after which a revocation begins with what it could read until then. */
const readSoonMs = 5_000;

/** What is seen before a run changes anything. */
export interface Beforehand {
  /** All that the run is about; of a revocation what could be read. */
  observed: ObservedState;
  /** What preflight finds now, worst first; nothing where the run only takes away. */
  findings: PreflightFinding[];
}

/**
 * Looks at all that the run is about and makes the findings of preflight again, side by side and each resource once:
 * much may have happened since the approval. Reads only.
 */
export async function lookBeforehand(ctx: RunContext, picture: Picture): Promise<Beforehand> {
  const resources = closureOfRun(picture, ctx.lease.run.grantIds);
  if (ctx.lease.run.kind === "revoke") return { observed: await readSoon(ctx, resources), findings: [] };
  const seen = new Map<string, Promise<Observed>>();
  const look = (resource: CloudResource): Promise<Observed> => {
    const looking = seen.get(resource.key) ?? observeOne(ctx, resource);
    seen.set(resource.key, looking);
    return looking;
  };
  const [entries, findings] = await Promise.all([
    mapLimited(
      resources,
      readsAtATime,
      async (one): Promise<[string, Observed]> => [one.key, await look(one)],
    ),
    preflightNow(ctx, picture, look),
    sameCluster(ctx, picture, resources),
  ]);
  return { observed: Object.fromEntries(entries), findings };
}

/**
 * What can be read soon. An account that can't be entered, or does not answer, holds up nothing that can end at once
 * elsewhere: what was not read is planned as if it were there, and its own step looks again, waits and fails by itself.
 */
async function readSoon(ctx: RunContext, resources: readonly CloudResource[]): Promise<ObservedState> {
  const observed: ObservedState = {};
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), readSoonMs);
  try {
    await until(ctx, over.signal, (hurried) =>
      mapLimited(resources, readsAtATime, async (one) => {
        try {
          observed[one.key] = await observeOne(hurried, one);
        } catch (error) {
          if (!(error instanceof AwsFailure)) throw error;
          ctx.log.warn({ key: one.key, failure: error.failure }, "could not be read beforehand");
        }
      }),
    );
  } catch (error) {
    if (error !== over.signal.reason) throw error;
  } finally {
    clearTimeout(timer);
  }
  // A read that still comes would change the plan under way.
  return { ...observed };
}

/**
 * An association binds whatever cluster has the name now, and no other document of Pod Identity tells which: it must be
 * the one that was approved, by its issuer.
 *
 * @throws RunRefused
 */
async function sameCluster(
  { deps, lease, readers }: RunContext,
  { grants: [first], estate }: Picture,
  resources: readonly CloudResource[],
): Promise<void> {
  if (!first || !resources.some(({ kind }) => kind === "pod-identity-association")) return;
  const { cluster } = first.workload;
  const approved = findCluster(estate, cluster)?.issuer ?? null;
  const now = await retrying(deps, { signal: lease.signal, withinMs: deps.timing.verifyWithinMs }, () =>
    inAws(
      lease.signal,
      [],
      () => readIssuer(readers.of(cluster.accountId).eks(cluster.region), cluster.name),
      { kind: "cluster", accountId: cluster.accountId, key: cluster.name },
    ),
  );
  if (now === approved) return;
  throw new RunRefused({
    cause: `The cluster ${cluster.name} was made anew: its issuer is ${now ?? "unknown"}, and what was approved is about the cluster with the issuer ${approved ?? "unknown"}. Nothing was changed.`,
    nextStep: "Revoke this access and ask for it again, so that access from the new cluster is reviewed.",
    code: "ClusterRecreated",
  });
}

async function preflightNow(
  ctx: RunContext,
  picture: Picture,
  look: (resource: CloudResource) => Promise<Observed>,
): Promise<PreflightFinding[]> {
  const { deps, lease, readers } = ctx;
  const resources = closureOf(picture.after, lease.run.grantIds);
  const targets = targetPlaces(picture.grants, picture.estate);
  const [first] = picture.grants;
  if (!first) return [];
  const { workload } = first;
  const accountIds = new Set([...resources, ...targets, workload.cluster].map(({ accountId }) => accountId));
  return preflight({
    clientsOf: new Map([...accountIds].map((id) => [id, readers.of(id)])),
    installation: deps.installation,
    resources,
    targets,
    workload,
    known: [
      ...picture.before,
      ...picture.after,
      ...(await ownedOnCluster(deps.prisma, deps, workload, picture.estate)),
    ],
    knownGrants: (ids) => knownGrants(deps.prisma, ids),
    look: (resource) => asAws(() => look(resource)),
    standing: lease.run.kind === "repair",
    patiently: (check) =>
      asAws(() =>
        retrying(deps, { signal: lease.signal, withinMs: deps.timing.verifyWithinMs }, () =>
          inAws(lease.signal, [], check),
        ),
      ),
  });
}

/** Preflight explains AWS's own errors. */
async function asAws<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AwsFailure ? error.cause : error;
  }
}

/** The worst finding that stands in the way, as the failure of the run; undefined when none does. */
export function objection(findings: readonly PreflightFinding[]): Failure | undefined {
  const [first, ...more] = findings.filter(({ severity }) => severity === "error");
  if (!first) return undefined;
  const rest =
    more.length > 0 ? ` So do ${more.length} more: ${more.map(({ title }) => title).join("; ")}.` : "";
  return {
    cause: `${first.title}. ${first.detail} That stands in the way, and nothing was changed.${rest}`,
    nextStep: first.snippet ? `${first.nextStep} ${onOneLine(first.snippet.json)}` : first.nextStep,
    code: first.id,
  };
}

/** With spaces, at which a page may break it. */
function onOneLine(json: string): string {
  return json.replaceAll(/\s*\n\s*/g, " ");
}
