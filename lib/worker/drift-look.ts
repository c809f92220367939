import { controllerFor } from "#lib/aws/controllers.ts";
import { mapLimited } from "#lib/aws/limiter.ts";
import { createWait } from "#lib/aws/wait.ts";
import { clusterEstate, liveGrants } from "#lib/db/estate.ts";
import type { Prisma } from "#lib/db/types.ts";
import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { DriftFinding } from "#lib/model/drift.ts";
import { type Estate, withIssuer } from "#lib/model/estate.ts";
import { type Grant, type GrantId, grantSchema } from "#lib/model/grant.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import type { Workload } from "#lib/model/workload.ts";
import { closureOf, united } from "#lib/plan/closure.ts";
import { driftFinding, explainDrift, inNoForm, ofFailedChange } from "#lib/plan/drift.ts";
import { foreignPolicies } from "#lib/plan/foreign-policies.ts";
import { makePlan } from "#lib/plan/plan.ts";
import { nameOf } from "#lib/plan/resource-names.ts";
import { AwsFailure, failureOf, inAws, retrying } from "./aws-attempt.ts";
import type { WorkerDeps } from "./deps.ts";
import { compareApproval, currentIssuer } from "./drift-approval.ts";
import { aroundFindings, readBoundaries } from "./drift-around.ts";
import { type EarlierForm, proveLive } from "./drift-proof.ts";
import type { FoundDrift } from "./drift-record.ts";
import { unfinishedForms } from "./earlier-forms.ts";
import { ownedOnCluster } from "./owned.ts";
import { compiled, RunRefused } from "./picture.ts";
import { createReaders, type Readers } from "./run-context.ts";

/** IAM's and EKS's rate limits are per account, and nothing here is urgent. */
const readsAtATime = 4;
/** Milliseconds that one read is tried for. */
const readWithinMs = 20_000;

type GrantRow = Prisma.GrantGetPayload<object>;

/** What all looks of one check share. */
interface Look {
  deps: WorkerDeps;
  readers: Readers;
  observed: ObservedState;
  /** Resource key → why it could not be read. */
  unread: Map<string, string>;
}

/**
 * What is not as approved, for each of the workload's live grants: the plan from what is there to what they own or
 * need, in words. Reads only, with read-only sessions; never throws because of AWS, whose refusals are findings.
 */
export async function lookForDrift(
  deps: WorkerDeps,
  workload: Workload,
  rows: readonly GrantRow[],
): Promise<Map<GrantId, FoundDrift>> {
  const today = await clusterEstate(deps.prisma, deps.installation, workload.cluster);
  const readers = createReaders(deps, () => {}, {
    sessionName: "drawbridge-drift",
    sourceIdentity: "drawbridge-drift",
  });
  readers.know(today);
  const look: Look = { deps, readers, observed: {}, unread: new Map() };
  try {
    return await compare(look, workload, rows, today);
  } catch (error) {
    if (!(error instanceof RunRefused)) throw error;
    const { cluster } = workload;
    const subject = { accountId: cluster.accountId, key: `cluster ${cluster.name}` };
    const finding = driftFinding("unreadable", subject, `the access of ${workload.serviceAccount}`, {
      now: [error.failure.cause],
    });
    return new Map(rows.map(({ id }) => [id, { findings: [finding], steps: [], blind: true }]));
  }
}

async function compare(
  look: Look,
  workload: Workload,
  rows: readonly GrantRow[],
  today: Estate,
): Promise<Map<GrantId, FoundDrift>> {
  const { deps } = look;
  const [wanted, cluster] = await Promise.all([
    liveGrants(deps.prisma, workload.cluster),
    currentIssuer(look, workload.cluster, today),
  ]);
  const ids = rows.map(({ id }) => id);
  await observe(look, closureOf(compiled(deps, wanted, today), ids));

  const approvals = await compareApproval(look, { rows, wanted, today, current: cluster.issuer, workload });
  const estate = withIssuer(today, workload.cluster, approvals.issuer);
  const desired = compiled(deps, wanted, estate);
  const grants = rows.map((row) => grantSchema.parse(row.spec));
  const earlier = await earlierOf(look, ids, { wanted, estate });
  const formsOf = (id: GrantId) => [
    desired,
    ...earlier.filter(({ grant }) => grant.id === id).map((form) => form.desired),
  ];
  const owned = (id: GrantId) => united(formsOf(id).map((form) => closureOf(form, [id])));
  const all = united(ids.map(owned));
  const known = await ownedOnCluster(deps.prisma, deps, workload, estate);
  await observe(look, all);
  const foreign = foreignPolicies(all, look.observed, known, ids);
  await observe(look, foreign);
  const looked = { ...look, withinMs: readWithinMs };
  const boundaries = await readBoundaries(looked, all);
  const documents = [...boundaries].flatMap(([arn, found]) =>
    found instanceof AwsFailure ? [] : [[arn, found] as const],
  );
  // What could not be read might let anybody in, or nobody.
  const proven =
    look.unread.size > 0 || documents.length < boundaries.size
      ? new Map<GrantId, ProvenRow[]>()
      : await proveLive(
          looked,
          { grants, estate, desired },
          { earlier, boundaries: new Map(documents), read: [...all, ...foreign] },
        );

  return new Map(
    rows.map(({ id, changeRunId }) => {
      const own = owned(id);
      const roles = new Set(own.map(({ key }) => key));
      const extra = foreign.filter(({ dependsOn }) => dependsOn.some((key) => roles.has(key)));
      const forms = formsOf(id);
      const before = united([...forms, extra.map((one) => ({ ...one, owners: [id] }))]);
      const plans = forms.map(
        (after) => makePlan({ before, after, grantIds: [id], observed: look.observed }).steps,
      );
      const steps = inNoForm(plans).filter(({ key }) => !look.unread.has(key));
      const general = [...cluster.findings, ...(approvals.findings.get(id) ?? [])];
      const explained = explainDrift(steps)
        .filter((one) => !isPartOf(one, general))
        .map((one) => (changeRunId === null ? one : ofFailedChange(one)));
      const around = aroundFindings(looked, boundaries, own);
      const unread = [...own, ...extra].flatMap((one) => unreadable(look, one));
      const evaluated = proven.get(id);
      const proof = evaluated && {
        resources: own.map(({ key, kind, accountId }) => ({ key, kind, accountId })),
        evaluated,
      };
      const seen = own.flatMap((resource) => {
        const observed = look.observed[resource.key];
        return observed ? [{ resource, observed }] : [];
      });
      return [
        id,
        {
          findings: [...general, ...explained, ...around, ...unread],
          steps,
          seen,
          ...(proof ? { proof } : {}),
        },
      ];
    }),
  );
}

/** What else may lawfully be there of grants whose change failed: each form from which that led. */
async function earlierOf(
  { deps }: Look,
  ids: GrantId[],
  { wanted, estate }: { wanted: readonly Grant[]; estate: Estate },
): Promise<EarlierForm[]> {
  const forms = await unfinishedForms(deps.prisma, ids);
  return [...forms.values()].flat().map((grant) => {
    const then = wanted.map((one) => (one.id === grant.id ? grant : one));
    return { grant, desired: compiled(deps, then, estate) };
  });
}

/** With a cluster its associations went: that is one thing, not two. */
function isPartOf({ id }: DriftFinding, general: readonly DriftFinding[]): boolean {
  return id.startsWith("association.") && general.some((one) => one.id.startsWith("cluster."));
}

function unreadable({ unread }: Look, resource: CloudResource): DriftFinding[] {
  const cause = unread.get(resource.key);
  return cause === undefined
    ? []
    : [driftFinding("unreadable", resource, nameOf(resource), { now: [cause] })];
}

/** Looks at what was not looked at yet, side by side. */
async function observe(look: Look, resources: readonly CloudResource[]): Promise<void> {
  const missing = resources.filter(({ key }) => !(key in look.observed) && !look.unread.has(key));
  await mapLimited(missing, readsAtATime, async (resource) => {
    try {
      look.observed[resource.key] = await read(look, resource);
    } catch (error) {
      if (error instanceof AwsFailure) look.unread.set(resource.key, failureOf(error, resource).cause);
      else if (error instanceof RunRefused) look.unread.set(resource.key, error.failure.cause);
      else throw error;
    }
  });
}

async function read({ deps, readers }: Look, resource: CloudResource): Promise<Observed> {
  const { timing, stopping, installation } = deps;
  const clients = readers.of(resource.accountId);
  const wait = createWait({ signal: stopping, now: timing.now, sleep: timing.sleep });
  const context = { clients, installation, wait };
  return retrying(deps, { signal: stopping, withinMs: readWithinMs }, () =>
    inAws(stopping, [], () => controllerFor(resource).observe(context, resource)),
  );
}
