import { boundIssuers, clusterEstate, liveGrants } from "#lib/db/estate.ts";
import type { Db } from "#lib/db/types.ts";
import {
  type ApprovedForm,
  bindsEarlierCluster,
  leftByEarlierCluster,
} from "#lib/desired/earlier-cluster.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import type { Estate } from "#lib/model/estate.ts";
import { type Grant, type GrantId, grantSchema } from "#lib/model/grant.ts";
import type { Failure } from "#lib/model/run.ts";
import { estateOfVersion, type VersionGrants } from "#lib/model/version-grants.ts";
import type { ClusterRef } from "#lib/model/workload.ts";
import { closureOf, united } from "#lib/plan/closure.ts";
import type { WorkerDeps } from "./deps.ts";
import { approvedGrants, earlierForms } from "./earlier-forms.ts";
import type { LeasedRun } from "./lease.ts";

/** The run can't go on, for a reason that a person can act on. */
export class RunRefused extends Error {
  override readonly name = "RunRefused";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.cause);
    this.failure = failure;
  }
}

/** What a run is about: desired with and without its grants, of the whole cluster, since workloads share providers. */
export interface Picture {
  /** Those of the run; of a provisioning run without those that were taken back since it was approved. */
  grants: Grant[];
  /** What was approved: all grants of the version that the run rests on and, with them, the desired state. */
  approved: { grants: Grant[]; desired: CloudResource[] };
  estate: Estate;
  /** With the grants' earlier forms, where they are live and change. */
  before: CloudResource[];
  after: CloudResource[];
}

/** Compiled anew each time: the estate and the other grants change while a run is on its way. `approvalOf` remembers it. */
export async function loadPicture(db: Db, deps: WorkerDeps, run: LeasedRun): Promise<Picture> {
  const rows = await db.grant.findMany({ where: { id: { in: run.grantIds } }, orderBy: { id: "asc" } });
  const all = rows.map((row) => grantSchema.parse(row.spec));
  const [first] = all;
  if (!first) throw new RunRefused(noGrants);
  const { authorisation } = run;
  const { cluster } = first.workload;
  const [estate, wanted, earlier, issuers, asked] = await Promise.all([
    clusterEstate(db, deps.installation, cluster),
    liveGrants(db, cluster),
    earlierForms(db, run),
    boundIssuers(db, run.grantIds),
    "version" in authorisation ? approvedGrants(db, authorisation.requestId, authorisation.version) : null,
  ]);
  const own = new Set(run.grantIds);
  const others = wanted.filter((grant) => !own.has(grant.id));
  const going = all.filter((grant) => !wanted.some(({ id }) => id === grant.id));
  const provision = run.kind === "provision";
  const grants = provision ? all.filter((grant) => !going.includes(grant)) : all;
  if (grants.length === 0) throw new RunRefused(takenBack);
  const after = compiled(deps, wanted, estate);
  const revoke = run.kind === "revoke";
  const whole = going.length > 0 ? besides(deps, { wanted, going, estate, revoke }) : after;
  const forms = earlier.map((form) => besides(deps, { wanted: others, going: form.grants, estate, revoke }));
  const former = [...earlier, ...(revoke ? presentForms(all, issuers) : [])];
  const left = await leftBy(db, deps, { cluster, estate, former, others });
  const without = provision && forms.length === 0 ? [compiled(deps, others, estate)] : [];
  return {
    grants,
    approved: approvedOf(deps, estate, {
      asked: asked ?? { grants: all, targets: null },
      all,
      wanted,
      whole,
    }),
    estate,
    before: united([...(provision ? without : [whole]), ...forms, left]),
    after,
  };
}

/**
 * What goes, with what stays. What was given up and is revoked once more may not fit beside what its service account
 * has got since, another identity above all: then each counts by itself. So do its earlier forms.
 */
function besides(
  deps: WorkerDeps,
  { wanted, going, estate, revoke }: { wanted: Grant[]; going: Grant[]; estate: Estate; revoke: boolean },
): CloudResource[] {
  try {
    return compiled(deps, [...wanted, ...going], estate);
  } catch (error) {
    if (!(error instanceof RunRefused) || !revoke) throw error;
    return united([wanted, ...going.map((grant) => [grant])].map((some) => compiled(deps, some, estate)));
  }
}

function presentForms(
  grants: readonly Grant[],
  issuers: ReadonlyMap<GrantId, string | null>,
): ApprovedForm[] {
  const byIssuer = Map.groupBy(grants, ({ id }) => issuers.get(id) ?? null);
  return [...byIssuer].map(([issuer, some]) => ({ grants: some, issuer }));
}

/** What goes with grants that were approved for the cluster as it was before it was made anew. */
async function leftBy(
  db: Db,
  deps: WorkerDeps,
  about: { cluster: ClusterRef; estate: Estate; former: ApprovedForm[]; others: Grant[] },
): Promise<CloudResource[]> {
  const { cluster, estate, others } = about;
  const going = about.former.filter(({ issuer }) => bindsEarlierCluster(cluster, estate, issuer));
  if (going.length === 0) return [];
  const ids = others.map(({ id }) => id);
  const staying = { grants: others, issuers: await boundIssuers(db, ids) };
  return leftByEarlierCluster(cluster, estate, { going, staying }, (grants, then) =>
    compiled(deps, grants, then),
  );
}

interface Asked {
  asked: VersionGrants;
  /** The run's grants. */
  all: Grant[];
  wanted: Grant[];
  /** Compiled of the latter two. */
  whole: CloudResource[];
}

/**
 * The version's grants as they were approved, whatever became of them since: of some the access was taken back, and
 * others rest on an approval of their own by now.
 */
function approvedOf(
  deps: WorkerDeps,
  estate: Estate,
  { asked, all, wanted, whole }: Asked,
): Picture["approved"] {
  const { grants } = asked;
  const today = new Map([...wanted, ...all].map((grant) => [grant.id, canonicalJson(grant)]));
  const asApproved = grants.every((grant) => today.get(grant.id) === canonicalJson(grant));
  const then = estateOfVersion(estate, asked, wanted);
  if (asApproved && grants.length === all.length && then === estate) return { grants, desired: whole };
  return { grants, desired: desiredAsApproved(deps, asked, wanted, estate) };
}

/**
 * The desired state with the grants as they were approved, beside whatever else is wanted by now. A grant of the same
 * approval that was changed or revoked since counts as it was, its target too: the digest covers them all.
 */
export function desiredAsApproved(
  deps: Pick<WorkerDeps, "compile">,
  approved: VersionGrants,
  wanted: readonly Grant[],
  estate: Estate,
): CloudResource[] {
  const ids = new Set(approved.grants.map(({ id }) => id));
  const others = wanted.filter(({ id }) => !ids.has(id));
  return compiled(deps, [...others, ...approved.grants], estateOfVersion(estate, approved, wanted));
}

/** @throws RunRefused */
export function compiled(
  deps: Pick<WorkerDeps, "compile">,
  grants: readonly Grant[],
  estate: Estate,
): CloudResource[] {
  try {
    return deps.compile(grants, estate);
  } catch (error) {
    throw new RunRefused({
      cause: `The grants of this cluster can't be turned into a plan: ${error instanceof Error ? error.message : error}`,
      nextStep: "Register what it names, or revoke the grant that it is about; then retry.",
      code: "DesiredState",
    });
  }
}

/** The resources that the run looks at: what its grants own or need, with and without them. */
export function closureOfRun(picture: Picture, grantIds: readonly string[]): CloudResource[] {
  const found = new Map<string, CloudResource>();
  for (const resource of [...closureOf(picture.before, grantIds), ...closureOf(picture.after, grantIds)])
    found.set(resource.key, resource);
  return [...found.values()];
}

/** The keys of all that the cluster's grants want now. */
export async function wantedKeys(
  db: Db,
  deps: WorkerDeps,
  cluster: Grant["workload"]["cluster"],
): Promise<Set<string>> {
  const [estate, wanted] = await Promise.all([
    clusterEstate(db, deps.installation, cluster),
    liveGrants(db, cluster),
  ]);
  return new Set(compiled(deps, wanted, estate).map(({ key }) => key));
}

const takenBack: Failure = {
  cause: "The access is being revoked. Nothing more was changed.",
  nextStep: "Nothing to do: the revocation removes what is there.",
  code: "NotWanted",
};

const noGrants: Failure = {
  cause: "The run names no grant that exists.",
  nextStep: "Ask for the access again.",
  code: "NoGrants",
};
