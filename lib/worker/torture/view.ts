import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { CloudResource, Tags } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { Statuses } from "#lib/model/replay.ts";
import type { GrantState, RequestState } from "#lib/model/states.ts";
import { clusterKey } from "#lib/model/workload.ts";
import type { Arena } from "./arena.ts";

/** What the invariants are asked of: AWS as it looks, the database's rows, and what should be there by them. */

export interface RoleDump {
  description: string;
  maxSessionDuration: number;
  trust: PolicyDocument;
  inline: Record<string, PolicyDocument>;
  attached: string[];
  boundaryArn: string | null;
  tags: Tags;
}

interface AssociationDump {
  roleArn: string;
  targetRoleArn: string | null;
  ownerArn: string | null;
  tags: Tags;
}

interface AccountDump {
  /** By ARN. */
  roles: Record<string, RoleDump>;
  /** By ARN. */
  oidcProviders: Record<string, { clientIds: string[]; tags: Tags }>;
  /** By region/name. */
  clusters: Record<string, { issuer: string; associations: Record<string, AssociationDump> }>;
  buckets: Record<string, { policy: PolicyDocument | null }>;
  queues: Record<string, { policy: PolicyDocument | null }>;
}

/** The sandbox's dump (lib/sandbox/dump.ts), as far as it is looked at here. */
export type Dump = Record<string, AccountDump>;

/** One call in the sandbox's log. */
export interface CallDump {
  time: string;
  accountId: string | null;
  service: string;
  operation: string;
  callerArn: string | null;
  errorCode: string | null;
  requestId: string;
}

export interface EventRow {
  id: bigint;
  at: Date;
  type: string;
  requestId: string | null;
  grantId: string | null;
  runId: string | null;
  data: unknown;
}

export interface RunRow {
  id: string;
  kind: string;
  state: string;
  fence: number;
  requestId: string | null;
  authorisation: unknown;
  steps: {
    id: string;
    key: string;
    state: string;
    calls: { requestId: string | null; operation: string; at: Date }[];
  }[];
}

export interface View {
  installation: string;
  estate: Estate;
  before: Dump;
  now: Dump;
  grants: { id: string; state: string; wanted: boolean; spec: Grant }[];
  /** Of all grants that are wanted. */
  desired: CloudResource[];
  calls: CallDump[];
  /** Every session that STS has given out since then. */
  sessions: { sessionName: string; policies: unknown[] }[];
  events: EventRow[];
  /** The states before the first of these events. */
  known: Statuses;
  runs: RunRow[];
  /** Of requests: state, the current version, and its digest. */
  requests: Map<string, { state: string; currentVersion: number; digests: Map<number, string> }>;
}

/** From where a view begins: what came before it was looked at already. */
export interface Mark {
  call: number;
  event: bigint;
  runsAfter: Date;
  /** Of what may go on from here: a grant that is gone does not, nor does its request or its run. */
  known: Statuses;
}

/** As the tables have them: nothing is on its way. */
async function statusesNow({ world }: Arena): Promise<Statuses> {
  const standing = { state: { not: "revoked" } };
  const grants = await world.prisma.grant.findMany({
    where: standing,
    include: { request: { select: { id: true, state: true } } },
  });
  const states = <S extends string>(rows: readonly { id: string; state: string }[]) =>
    new Map(rows.map(({ id, state }) => [id, state as S]));
  return {
    request: states<RequestState>(grants.map(({ request }) => request)),
    grant: states<GrantState>(grants.filter(({ state }) => state !== "pending")),
    run: new Map(),
  };
}

/** The sandbox's clock and the database's. */
const twoClocksMs = 1_000;

export async function markOf(arena: Arena): Promise<Mark> {
  const { world } = arena;
  const last = await world.prisma.auditEvent.findFirst({ orderBy: { id: "desc" }, select: { id: true } });
  const [row] = await world.prisma.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  const known = await statusesNow(arena);
  return { call: await world.lastCall(), event: last?.id ?? 0n, runsAfter: row?.now ?? new Date(), known };
}

export async function viewOf(arena: Arena, since: Mark): Promise<View> {
  const { world, untouched } = arena;
  const [estate, now, calls, rows, events, runs] = await Promise.all([
    world.estate(),
    world.dump() as Promise<Dump>,
    world.control(`calls?since=${since.call}`),
    // A grant that is gone, and was gone before, has been looked at.
    world.prisma.grant.findMany({
      where: { OR: [{ state: { not: "revoked" } }, { revokedAt: { gte: since.runsAfter } }] },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    }),
    world.prisma.auditEvent.findMany({ where: { id: { gt: since.event } }, orderBy: { id: "asc" } }),
    world.prisma.run.findMany({
      where: { createdAt: { gte: since.runsAfter } },
      include: { steps: { include: { calls: true } } },
    }),
  ]);
  const requests = await world.prisma.request.findMany({
    where: { runs: { some: { createdAt: { gte: since.runsAfter } } } },
    include: { versions: true },
  });
  const grants = rows.map((row) => ({ ...row, spec: grantSchema.parse(row.spec) }));
  const wanted = grants.filter((grant) => grant.wanted && grant.state !== "revoked").map(({ spec }) => spec);
  return {
    installation: estate.installation,
    estate,
    before: untouched as Dump,
    now,
    grants,
    desired: desiredOf(wanted, estate),
    calls,
    sessions: Object.values(arena.sandbox.state().sessions).filter(
      ({ issuedAt }) => issuedAt >= since.runsAfter.getTime() - twoClocksMs,
    ),
    events,
    known: since.known,
    runs,
    requests: new Map(
      requests.map(({ id, state, currentVersion, versions }) => [
        id,
        { state, currentVersion, digests: new Map(versions.map(({ number, digest }) => [number, digest])) },
      ]),
    ),
  };
}

/** As the worker compiles: a cluster at a time, since the workloads of one share its provider. */
export function desiredOf(grants: readonly Grant[], estate: Estate): CloudResource[] {
  const byCluster = Map.groupBy(grants, ({ workload }) => clusterKey(workload.cluster));
  return [...byCluster.values()].flatMap((some) => desiredResources(some, estate));
}
