import { admit } from "#lib/desired/admit.ts";
import { desiredResources, grantsThatShare } from "#lib/desired/desired-resources.ts";
import { workloadAccess } from "#lib/desired/workload-access.ts";
import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { workloadKey } from "#lib/model/workload.ts";
import { issuerOf, planDigest } from "#lib/plan/digest.ts";
import { documentsOf } from "#lib/plan/documents.ts";
import { makePlan } from "#lib/plan/plan.ts";
import { observedFromSnapshot } from "#lib/plan/snapshot.ts";
import { renderManifest } from "#lib/render/kubernetes.ts";
import { bucket, organisation } from "./organisation.ts";

/**
 * npm run bench:plan: what a preview computes for one request, from nothing but the grants, the estate and the last
 * snapshot: whether it can be granted, every cloud resource, the plan, all documents, the digest and the YAML.
 *
 * Each run asks for something else, of grants read anew, so nothing of a run before it can be of use. Prints JSON lines, wall
 * clock beside the thread's own CPU time (other processes take the clock's, not the CPU's); fails when the median
 * preview takes longer than the goal.
 */

const goalMs = 5;
const warmUp = 200;
const runs = 1_000;

const { estate, grants } = organisation();
const now = new Date("2026-11-01T00:00:00Z");
const snapshot: ObservedState = Object.fromEntries(
  desiredResources(grants, estate).map((one): [string, Observed] => [
    one.key,
    { state: "present", ours: true, body: one.body },
  ]),
);

interface Preview {
  steps: number;
  bytes: number;
}

/** Chooses the grants that are compiled beside the new one. */
type Scope = (like: Grant) => readonly Grant[];

/** One preview of a new grant of the workload of `like`, among the grants that share anything with it. */
function preview(index: number, like: Grant, others: readonly Grant[]): Preview {
  const siblings = others.filter((one) => workloadKey(one.workload) === workloadKey(like.workload));
  const outcome = admit(
    {
      workload: like.workload,
      target: { arn: bucket(like.target.accountId, 30 + (index % 10)), accountId: like.target.accountId },
      level: "read-write",
      subResource: `reports/${index}`,
      pattern: index % 2 === 0 ? "role-chaining" : "auto",
      expiresAt: "2026-12-31T00:00:00Z",
    },
    { estate, siblings, now, maxDays: 90 },
  );
  if (!outcome.ok) throw new Error(outcome.refusals.map(({ reason }) => reason).join(" "));
  const grant: Grant = { ...outcome.value.grant, id: "newgrant0000" };

  const before: CloudResource[] = desiredResources(others, estate);
  const after = desiredResources([...others, grant], estate);
  const observed = observedFromSnapshot(after, snapshot);
  const plan = makePlan({ before, after, grantIds: [grant.id], observed });
  const documents = plan.steps.flatMap(documentsOf);
  const digest = planDigest({
    installation: estate.installation,
    kind: "create",
    grants: [grant],
    issuer: issuerOf([grant], estate),
    desired: after,
  });
  const yaml = renderManifest(workloadAccess([...siblings, grant], estate), { grantId: grant.id });
  return { steps: plan.steps.length, bytes: JSON.stringify(documents).length + digest.length + yaml.length };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function measure(name: string, count: number, scope: Scope): { median: number } {
  const times: number[] = [];
  const cpu: number[] = [];
  let last: Preview = { steps: 0, bytes: 0 };
  const warm = Math.min(warmUp, count);
  for (let index = 0; index < warm + count; index += 1) {
    const like = grants[(index * 7) % grants.length];
    if (!like) throw new RangeError("no grants");
    // As read from the database for this request, so outside the clock.
    const stored = structuredClone(scope(like));
    const used = process.threadCpuUsage();
    const start = performance.now();
    last = preview(index, like, stored);
    if (index < warm) continue;
    times.push(performance.now() - start);
    const { user, system } = process.threadCpuUsage(used);
    cpu.push((user + system) / 1_000);
  }
  times.sort((a, b) => a - b);
  cpu.sort((a, b) => a - b);
  const round = (ms: number) => Math.round(ms * 100) / 100;
  const result = { median: round(percentile(times, 0.5)), p95: round(percentile(times, 0.95)) };
  console.log(
    JSON.stringify({
      bench: name,
      unit: "ms",
      runs: count,
      ...result,
      max: round(times.at(-1) ?? 0),
      cpuMedian: round(percentile(cpu, 0.5)),
      cpuP95: round(percentile(cpu, 0.95)),
      ...last,
    }),
  );
  return result;
}

const { median } = measure("preview of one request", runs, (like) => grantsThatShare(grants, like.workload));
measure("the same, compiling all 1,000 grants", 40, () => grants);

if (median > goalMs) {
  console.error(`The goal is ${goalMs} ms.`);
  process.exitCode = 1;
}
