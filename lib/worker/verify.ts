import { controllerFor } from "#lib/aws/controllers.ts";
import { mapLimited } from "#lib/aws/limiter.ts";
import { createWait } from "#lib/aws/wait.ts";
import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { GrantId } from "#lib/model/grant.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { foreignPolicies } from "#lib/plan/foreign-policies.ts";
import { differences } from "#lib/plan/same.ts";
import { inAws, retrying } from "./aws-attempt.ts";
import { Stopped } from "./deps.ts";
import { ownedOnCluster } from "./owned.ts";
import type { Picture } from "./picture.ts";
import { type Around, type ProofReader, prove, readAround } from "./prove.ts";
import type { RunContext } from "./run-context.ts";

/** How many resources are looked at at a time: IAM's and EKS's rate limits are per account. */
export const readsAtATime = 8;

/** Looks at one resource in AWS. Reads only. */
export function observeOne(ctx: RunContext, resource: CloudResource): Promise<Observed> {
  const { deps, lease, readers } = ctx;
  const { installation, timing } = deps;
  const wait = createWait({ signal: lease.signal, now: timing.now, sleep: timing.sleep });
  return retrying(deps, { signal: lease.signal, withinMs: timing.verifyWithinMs }, () =>
    inAws(
      lease.signal,
      [],
      () =>
        controllerFor(resource).observe(
          { clients: readers.of(resource.accountId), installation, wait },
          resource,
        ),
      resource,
    ),
  );
}

/** Looks at resources in AWS, side by side. Reads only. */
export async function observeAll(
  ctx: RunContext,
  resources: readonly CloudResource[],
): Promise<ObservedState> {
  const entries = await mapLimited(
    resources,
    readsAtATime,
    async (resource): Promise<[string, Observed]> => [resource.key, await observeOne(ctx, resource)],
  );
  return Object.fromEntries(entries);
}

/** One resource as it was read back. */
export interface ReadBack {
  key: string;
  kind: string;
  accountId: string;
  ok: boolean;
  /** What is not as it should be, in words; empty when it is. */
  differences: string[];
}

export interface VerificationResult {
  ok: boolean;
  resources: ReadBack[];
  /** The last look, for the snapshot. */
  seen: { resource: CloudResource; observed: Observed }[];
  /** By grant: who gets in, by the documents that were read. Nothing after a revocation. */
  evaluated: ReadonlyMap<GrantId, ProvenRow[]>;
}

interface Expected {
  resource: CloudResource;
  present: boolean;
}

/**
 * Reads back from AWS all that the run's grants own or need, and compares: after provisioning it must be there as
 * desired; what nobody wants after a revocation or a change must be gone unless it was left on purpose. AWS may show a
 * write late, so what differs is looked at again for a while.
 *
 * @param kept keys that the run left in place on purpose
 */
export async function verify(
  ctx: RunContext,
  picture: Picture,
  kept: ReadonlySet<string>,
): Promise<VerificationResult> {
  const { deps, lease } = ctx;
  const { grantIds, kind } = lease.run;
  const remaining = new Set(picture.after.map(({ key }) => key));
  const provided = kind !== "revoke" ? closureOf(picture.after, grantIds) : [];
  const gone = closureOf(picture.before, grantIds).filter(({ key }) => !remaining.has(key) && !kept.has(key));
  const expected: Expected[] = [
    ...provided.map((resource) => ({ resource, present: true })),
    ...gone.map((resource) => ({ resource, present: false })),
  ];
  // Read beside the resources: an evaluation needs both.
  const around = provided.length > 0 ? readAround(proofReader(ctx), picture, provided) : undefined;
  around?.catch(() => {});
  const started = deps.timing.now();
  for (let round = 0; ; round += 1) {
    const observed = await observeAll(
      ctx,
      expected.map(({ resource }) => resource),
    );
    const strangers = await strangersOn(ctx, picture, provided, observed);
    const resources = expected.map((one) =>
      readBack(one, observed[one.resource.key], strangers.get(one.resource.key)),
    );
    const ok = resources.every((resource) => resource.ok);
    const seen = expected.flatMap(({ resource }) => {
      const found = observed[resource.key];
      return found ? [{ resource, observed: found }] : [];
    });
    if (ok || deps.timing.now() - started > deps.timing.verifyWithinMs)
      return evaluated(ctx, picture, { ok, resources, seen }, around);
    if (deps.stopping.aborted) throw new Stopped("The worker is stopping.");
    await deps.timing.sleep(
      Math.min(5_000, 250 * 2 ** round),
      AbortSignal.any([lease.signal, deps.stopping]),
    );
  }
}

/**
 * Documents that are as they should be still let nobody in where something of others stands in the way. What others have
 * opened by themselves is on record and told, but nothing that this run could mend: it is no reason to end as failed.
 */
async function evaluated(
  ctx: RunContext,
  picture: Picture,
  result: Omit<VerificationResult, "evaluated">,
  around: Promise<Around> | undefined,
): Promise<VerificationResult> {
  if (!result.ok || !around) return { ...result, evaluated: new Map() };
  const proven = await prove(ctx, { ...picture, desired: picture.after }, result.seen, await around);
  const ok = [...proven.values()].flat().every((row) => row.ok || row.byOthers);
  return { ...result, ok, evaluated: proven };
}

function proofReader({ deps, lease, readers }: RunContext): ProofReader {
  return { deps, readers, signal: lease.signal, withinMs: deps.timing.verifyWithinMs };
}

/** Inline policies that somebody put on the run's roles while it was on its way, by role. */
async function strangersOn(
  { deps, lease }: RunContext,
  picture: Picture,
  provided: readonly CloudResource[],
  observed: ObservedState,
): Promise<ReadonlyMap<string, string[]>> {
  const [first] = picture.grants;
  const strangersTo = (known: readonly CloudResource[]) =>
    foreignPolicies(provided, observed, known, lease.run.grantIds);
  const own = [...picture.before, ...picture.after];
  if (!first || strangersTo(own).length === 0) return new Map();
  // Asked after the look: a policy that was seen is of a grant that was there before.
  const owned = await ownedOnCluster(deps.prisma, deps, first.workload, picture.estate);
  const byRole = Map.groupBy(strangersTo([...own, ...owned]), ({ dependsOn: [role = ""] }) => role);
  return new Map(
    [...byRole].map(([role, policies]) => [
      role,
      policies.map(({ body }) => `it has the policy ${body.policyName}, which nobody approved`),
    ]),
  );
}

function readBack(
  { resource, present }: Expected,
  observed: Observed | undefined,
  strangers: readonly string[] = [],
): ReadBack {
  const { key, kind, accountId } = resource;
  const found = present ? [...lacks(resource, observed), ...strangers] : remains(observed);
  return { key, kind, accountId, ok: found.length === 0, differences: found };
}

function lacks(resource: CloudResource, observed: Observed | undefined): string[] {
  if (observed?.state !== "present") return ["it is not there"];
  if (observed.conflict !== undefined) return [observed.conflict];
  const differs = differences(resource, observed);
  if (observed.ours) return differs;
  // Somebody else's provider is relied on as it is: its tags are theirs.
  return resource.kind === "oidc-provider"
    ? differs.filter((name) => name !== "tags")
    : ["it was not made by this Drawbridge"];
}

function remains(observed: Observed | undefined): string[] {
  return observed?.state === "present" && observed.ours ? ["it is still there"] : [];
}
