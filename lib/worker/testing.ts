import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import { pino } from "pino";
import type { AwsCall, SessionOptions } from "#lib/aws/sessions.ts";
import { has } from "#lib/aws/testing/aws.ts";
import { accountA, accountB, installation, region, sessionsAt } from "#lib/aws/testing/estate.ts";
import { type AuditContext, auditNow } from "#lib/db/audit.ts";
import { liveGrants, loadEstate, workloadColumns } from "#lib/db/estate.ts";
import { createTestDatabase } from "#lib/db/testing.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patternOptions, patternSubject } from "#lib/desired/options.ts";
import { type PatternTable, patterns } from "#lib/desired/patterns/catalogue.ts";
import type { AuditEntry } from "#lib/model/audit-event.ts";
import type { ResourceKind } from "#lib/model/cloud-resource.ts";
import type { Cluster } from "#lib/model/cluster.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { RunAuthorisation } from "#lib/model/run.ts";
import { targetFacts } from "#lib/model/version-grants.ts";
import type { Workload } from "#lib/model/workload.ts";
import { issuerOf, planDigest } from "#lib/plan/digest.ts";
import { onCall } from "./clients.ts";
import { type Compile, realTiming, Stopped, type Timing, type WorkerDeps } from "./deps.ts";
import { createLocks } from "./locks.ts";
import type { Rates } from "./rates.ts";
import { targets, withAgent, withoutAgent } from "./testing-seed.ts";

/**
 * Two onboarded accounts in the sandbox, the same in a database of its own, and workers on them. The sandbox is
 * started by the tests themselves: this file is linted as a part of the product, which never imports it.
 */

export { targets, withAgent, withoutAgent, worldSeed } from "./testing-seed.ts";
export { accountA, accountB, installation };

/** The sandbox's call log and dump, over its control API. */
export interface Call {
  sequence: number;
  service: string;
  operation: string;
  status: number;
  errorCode: string | null;
  fault?: string;
}

/** The sandbox has no other users, and tests have no time. */
const unhurried: Rates = { take: async () => {}, throttled: () => {}, sharedBy: () => {} };

/** Everything that only reads, or opens a session. */
const reading = /^(Get|List|Describe|Head|Assume)/;

export function mutations(calls: readonly Call[]): string[] {
  return calls.filter(({ operation }) => !reading.test(operation)).map(({ operation }) => operation);
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** @param aws the sandbox, or what `startAws` gives */
export async function createWorld(aws: { url: string; dump?: () => Promise<unknown> }) {
  const db = await createTestDatabase();
  const { prisma } = db;
  const pools: Pool[] = [];
  const requester = await prisma.person.create({
    data: { issuer: "test", subject: "dev", email: "dev@example.com", name: "Dev", roles: ["developer"] },
  });
  for (const account of [accountA, accountB]) {
    await prisma.group.create({ data: { name: account.ownerGroup } });
    await prisma.account.create({ data: account });
  }
  for (const cluster of [withAgent, withoutAgent])
    await prisma.cluster.create({ data: { ...cluster, status: "ACTIVE" } });
  await prisma.inventoryItem.createMany({
    data: [
      { accountId: accountA.id, arns: targets.home },
      { accountId: accountB.id, arns: targets.away },
    ].flatMap(({ accountId, arns }) =>
      Object.entries(arns).map(([service, arn]) => ({
        arn,
        accountId,
        service,
        name: arn.split(":").at(-1) ?? arn,
        region,
      })),
    ),
  });

  const control = async (path: string, body?: unknown) => {
    const post = { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(`${aws.url}/_sandbox/${path}`, body === undefined ? {} : post);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };

  /** Stands in for AWS's log of calls where there is none. */
  const recorded: Call[] = [];
  const record = ({ service, operation, httpStatus = 0, error }: AwsCall) => {
    // It would grow with every run of a benchmark.
    if (has("a log of calls")) return;
    const errorCode = error?.name ?? null;
    recorded.push({ sequence: recorded.length + 1, service, operation, status: httpStatus, errorCode });
  };

  /** One worker's dependencies, as main.ts makes them. */
  const worker = (
    name: string,
    options: {
      compile?: Compile;
      accessAnalyzer?: boolean;
      timing?: Partial<Timing>;
      leaseSeconds?: number;
      sessions?: Partial<SessionOptions>;
      rates?: Rates;
      logLevel?: string;
    } = {},
  ): WorkerDeps & { stop: () => void } => {
    // A worker that died is followed by another at once, and its connections may not outlast it by long.
    const pool = new Pool({ connectionString: db.url, max: 16, idleTimeoutMillis: 1_000 });
    pool.on("error", () => {});
    pools.push(pool);
    const stopping = new AbortController();
    return {
      prisma,
      locks: createLocks(pool),
      sessions: sessionsAt(aws.url, {
        onCall: (call) => {
          record(call);
          onCall(call);
        },
        ...options.sessions,
      }),
      rates: options.rates ?? unhurried,
      installation,
      compile: options.compile ?? ((grants, estate) => desiredResources(grants, estate)),
      classificationTag: "data-classification",
      accessAnalyzer: options.accessAnalyzer ?? false,
      log: pino({ level: options.logLevel ?? process.env.LOG_LEVEL ?? "silent" }),
      worker: name,
      leaseSeconds: options.leaseSeconds ?? 20,
      timing: { ...realTiming, settledAfterMs: 0, ...options.timing },
      stopping: stopping.signal,
      stop: () => stopping.abort(new Stopped("The worker is stopping.")),
    };
  };

  const estate = (): Promise<Estate> => loadEstate(prisma, installation);

  /** What the web writes to history, so that it tells the whole of it here too. */
  const tell = async (about: Partial<AuditContext>, ...entries: AuditEntry[]): Promise<void> => {
    const context = { actor: null, accountIds: [accountA.id], correlationId: about.runId ?? randomUUID() };
    for (const entry of entries) await auditNow(prisma, entry, { ...context, ...about });
  };

  /** What leads to an approval, and the run that it queues. */
  const tellApproved = (requestId: string, runId: string, digest: string): Promise<void> => {
    const version = { number: 1, version: 1, digest };
    return tell(
      { requestId, runId },
      { type: "request.submitted", data: { ...version, title: "test" } },
      { type: "request.approved", data: version },
      { type: "run.queued", data: { kind: "provision" } },
    );
  };

  /** As after the last approval: request, version, grants and a queued run. */
  const approve = async (grants: readonly Grant[], compile: Compile = desiredResources): Promise<string> => {
    const [first] = grants;
    if (!first) throw new Error("no grants");
    const live = await liveGrants(prisma, first.workload.cluster);
    const now = await estate();
    const desired = compile([...live, ...grants], now);
    const kind = "create";
    const issuer = issuerOf(grants, now);
    const digest = planDigest({ installation, kind, grants, issuer, desired });
    const accountIds = [accountA.id, ...new Set(grants.map((grant) => grant.target.accountId))];
    const request = await prisma.request.create({
      data: {
        kind,
        state: "approved",
        requesterId: requester.id,
        title: "test",
        ...workloadColumns(first.workload),
        accountIds,
        idempotencyKey: randomUUID(),
        versions: {
          create: {
            number: 1,
            authorId: requester.id,
            reason: "a test",
            grants: [...grants],
            targets: targetFacts(grants, now),
            digest,
            issuer,
            approvals: [],
            preflightState: "queued",
          },
        },
      },
    });
    for (const grant of grants)
      await prisma.grant.create({
        data: {
          id: grant.id,
          requestId: request.id,
          spec: grant,
          ownerId: requester.id,
          ...workloadColumns(grant.workload),
          targetArn: grant.target.arn,
          targetAccountId: grant.target.accountId,
          service: grant.target.arn.split(":")[2] ?? "",
          level: grant.level,
          pattern: grant.pattern,
          expiresAt: grant.expiresAt,
        },
      });
    const authorisation: RunAuthorisation = { basis: "approval", requestId: request.id, version: 1, digest };
    const grantIds = grants.map(({ id }) => id);
    const run = await prisma.run.create({
      data: { kind: "provision", requestId: request.id, grantIds, authorisation },
    });
    await tellApproved(request.id, run.id, digest);
    return run.id;
  };

  /** As after a person has revoked them. */
  const revoke = async (...ids: string[]): Promise<string> => {
    await prisma.grant.updateMany({
      where: { id: { in: ids } },
      data: { state: "revoking", wanted: false, revokeReason: "test" },
    });
    const authorisation: RunAuthorisation = {
      basis: "revocation",
      personId: requester.id,
      reason: "test",
    };
    const run = await prisma.run.create({ data: { kind: "revoke", grantIds: ids, authorisation } });
    for (const grantId of ids)
      await tell({ grantId }, { type: "grant.revoking", data: { target: "test", reason: "test" } });
    await tell({ runId: run.id }, { type: "run.queued", data: { kind: "revoke" } });
    return run.id;
  };

  return {
    db,
    prisma,
    worker,
    estate,
    approve,
    revoke,
    tell,
    tellApproved,
    control,
    /** As if the lease of whoever has the run had run out. */
    abandon: (id: string) => prisma.run.update({ where: { id }, data: { leaseUntil: new Date(0) } }),
    dump: (): Promise<unknown> => aws.dump?.() ?? control("state"),
    faults: (faults: unknown) => control("faults", faults),
    calls: async (since = 0): Promise<Call[]> =>
      has("a log of calls")
        ? control(`calls?since=${since}`)
        : recorded.filter(({ sequence }) => sequence > since),
    lastCall: async (): Promise<number> => {
      const calls: Call[] = has("a log of calls") ? await control("calls") : recorded;
      return calls.at(-1)?.sequence ?? 0;
    },
    run: (id: string) =>
      prisma.run.findUniqueOrThrow({
        where: { id },
        include: { steps: { orderBy: { position: "asc" }, include: { calls: true } } },
      }),
    grant: (id: string) => prisma.grant.findUniqueOrThrow({ where: { id } }),
    close: async () => {
      for (const pool of pools) await pool.end();
      await db.drop();
    },
  };
}

export function workload(cluster: Cluster, serviceAccount = "api", namespace = "pay"): Workload {
  const { accountId, region: at, name } = cluster;
  return { cluster: { accountId, region: at, name }, namespace, serviceAccount };
}

/** A grant that the estate allows with this pattern; undefined when something speaks against it. */
export function grantFor(
  pattern: string,
  estate: Estate,
  wanted: Pick<Grant, "workload" | "target"> & Partial<Grant>,
  table: PatternTable = patterns,
): Grant | undefined {
  const subject = patternSubject(wanted.workload, wanted.target, estate);
  const option = subject && patternOptions(subject, [], undefined, table).find(({ id }) => id === pattern);
  if (!option?.identity || option.objections.length > 0) return undefined;
  return {
    id: newGrantId(),
    level: "read-write",
    subResource: null,
    pattern,
    identity: option.identity,
    expiresAt: "2099-01-01T00:00:00Z",
    ...wanted,
  };
}

/** The first pattern, in the table's order, that makes this kind of resource for a grant. */
export function grantWith(
  kind: ResourceKind,
  estate: Estate,
  wanted: Pick<Grant, "workload" | "target"> & Partial<Grant>,
): Grant {
  for (const pattern of Object.keys(patterns)) {
    const grant = grantFor(pattern, estate, wanted);
    if (grant && desiredResources([grant], estate).some((resource) => resource.kind === kind)) return grant;
  }
  throw new Error(`No pattern makes ${kind} here`);
}

export const bucketAtHome = { arn: targets.home.s3, accountId: accountA.id };
export const bucketAway = { arn: targets.away.s3, accountId: accountB.id };

let grantCount = 0;

/** Ids as the product makes them: 12 letters and digits. */
export function newGrantId(): string {
  grantCount += 1;
  return `g${grantCount.toString(36).padStart(11, "0")}`;
}
