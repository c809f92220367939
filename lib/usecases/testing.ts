import { randomUUID } from "node:crypto";
import { loadActor } from "#lib/db/people.ts";
import type { PrismaClient } from "#lib/db/types.ts";
import type { Observed } from "#lib/model/cloud-resource.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Outcome, Refusal } from "#lib/model/refusal.ts";
import { policySnapshotKey } from "#lib/plan/snapshot.ts";
import type { SigningDeps } from "./deps.ts";
import { reviewRequest } from "./review-request.ts";
import { type SubmittedRequest, submitRequest } from "./submit-request.ts";
import { randomIds } from "./web-deps.ts";

/**
 * An organisation for tests: `platform-eks` has the clusters, `data` the targets, `shared` a third team's. Each of
 * `people` is named after what they are in the tests.
 */

export const platform = "111122223333";
export const data = "444455556666";
export const shared = "777788889999";
export const prodEu = { accountId: platform, region: "eu-west-1", name: "prod-eu" };
export const legacyEu = { accountId: platform, region: "eu-west-1", name: "legacy-eu" };
export const bucket = { arn: "arn:aws:s3:::reports-archive", accountId: data };
export const queue = { arn: `arn:aws:sqs:eu-west-1:${data}:orders`, accountId: data };
export const sharedBucket = { arn: "arn:aws:s3:::shared-assets", accountId: shared };

/** A statement of another team, which only some may read. */
export const foreignSid = "AnotherTeamsSecretArrangement";

const memberships = {
  /** Asks; owns nothing. */
  developer: [],
  /** Owns the namespace `payments`. */
  payments: ["payments-team"],
  platformOwner: ["platform-owners"],
  platformOwner2: ["platform-owners"],
  dataOwner: ["data-owners"],
  dataOwner2: ["data-owners"],
  /** Owns both accounts. */
  bothOwner: ["platform-owners", "data-owners"],
  /** Owns an account that takes no part. */
  sharedOwner: ["shared-owners"],
  admin: ["drawbridge-admins"],
  auditor: ["drawbridge-auditors"],
  stranger: ["another-team"],
} as const;

export type Role = keyof typeof memberships;
export const everyRole = Object.keys(memberships) as Role[];

export interface Organisation {
  /** What the tests, and the worker in them, write with. */
  prisma: PrismaClient;
  deps: SigningDeps;
  /** Moves the clock. */
  setNow: (now: Date) => void;
  people: Record<Role, Actor>;
}

export const startOfTest = new Date("2026-11-22T10:00:00.000Z");

/**
 * Fills an empty database.
 *
 * @param web what the use cases work with: the same database with the rights of the web's role
 */
export async function createOrganisation(
  prisma: PrismaClient,
  web: PrismaClient = prisma,
): Promise<Organisation> {
  await createGroups(prisma);
  await createEstate(prisma);
  const people = await createPeople(prisma);
  let now = startOfTest;
  const deps: SigningDeps = {
    prisma: web,
    now: () => now,
    installation: "test",
    ids: randomIds,
    signingKey: "a-signing-key-of-at-least-32-characters",
  };
  return {
    prisma,
    deps,
    people,
    setNow: (moment) => {
      now = moment;
    },
  };
}

async function createGroups(prisma: PrismaClient): Promise<void> {
  const names = new Set<string>(Object.values(memberships).flat());
  await prisma.group.createMany({ data: [...names].map((name) => ({ name })) });
}

async function createPeople(prisma: PrismaClient): Promise<Record<Role, Actor>> {
  const people: Partial<Record<Role, Actor>> = {};
  for (const role of everyRole) {
    const { id } = await prisma.person.create({
      data: {
        issuer: "https://login.example.com",
        subject: role,
        email: `${role}@example.com`,
        name: role,
        memberships: { create: memberships[role].map((groupName) => ({ groupName })) },
      },
    });
    const actor = await loadActor(prisma, id);
    if (actor) people[role] = actor;
  }
  return people as Record<Role, Actor>;
}

async function createEstate(prisma: PrismaClient): Promise<void> {
  const accounts = [
    { id: platform, name: "platform-eks", ownerGroup: "platform-owners" },
    { id: data, name: "data", ownerGroup: "data-owners" },
    { id: shared, name: "shared", ownerGroup: "shared-owners" },
  ];
  await prisma.account.createMany({
    data: accounts.map((account) => ({
      ...account,
      partition: "aws",
      environment: "production",
      regions: ["eu-west-1"],
      provisionerRoleArn: `arn:aws:iam::${account.id}:role/drawbridge-provisioner`,
      externalId: `external-id-of-${account.id}`,
      boundaryArn: `arn:aws:iam::${account.id}:policy/drawbridge-boundary`,
      syncedAt: startOfTest,
    })),
  });
  await prisma.cluster.createMany({
    data: [
      {
        ...prodEu,
        issuer: "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF",
        podIdentityAgent: true,
        status: "ACTIVE",
      },
      { ...legacyEu, issuer: "oidc.eks.eu-west-1.amazonaws.com/id/FEDCBA9876543210", status: "ACTIVE" },
    ],
  });
  await prisma.namespaceOwner.create({
    data: {
      accountId: platform,
      region: "eu-west-1",
      clusterName: "prod-eu",
      namespace: "payments",
      groupName: "payments-team",
    },
  });
  await prisma.inventoryItem.createMany({
    data: [
      { ...bucket, service: "s3", name: "reports-archive", region: "eu-west-1" },
      { ...queue, service: "sqs", name: "orders", region: "eu-west-1" },
      { ...sharedBucket, service: "s3", name: "shared-assets", region: "eu-west-1" },
    ],
  });
  await prisma.observedResource.create({
    data: { key: policySnapshotKey(bucket.arn), accountId: data, observed: { ...foreignPolicy } },
  });
}

const foreignPolicy = {
  state: "absent",
  surrounding: {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: foreignSid,
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${shared}:role/someone-else` },
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::reports-archive/*",
      },
    ],
  },
} satisfies Observed;

/** A submission that is admitted; each call has a key and, by default, a service account of its own. */
export function submission(changes: Record<string, unknown> = {}) {
  return {
    workload: {
      cluster: prodEu,
      namespace: "reporting",
      serviceAccount: `app-${randomUUID().slice(0, 8)}`,
    },
    grants: [grantProposal()],
    reason: "The nightly report reads last month's files.",
    idempotencyKey: randomUUID(),
    ...changes,
  };
}

export function grantProposal(changes: Record<string, unknown> = {}) {
  return {
    target: bucket,
    level: "read",
    subResource: null,
    pattern: "auto",
    expiresAt: "2027-03-01T00:00:00Z",
    ...changes,
  };
}

export class UnexpectedRefusalError extends Error {
  override readonly name = "UnexpectedRefusalError";
}

/** The value, where a test takes it for granted. */
export function mustAccept<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new UnexpectedRefusalError(JSON.stringify(outcome.refusals));
  return outcome.value;
}

/** The refusals; none when it was accepted. */
export function refusalsIn(outcome: Outcome<unknown>): Refusal[] {
  return outcome.ok ? [] : outcome.refusals;
}

export function codesIn(outcome: Outcome<unknown>): string[] {
  return refusalsIn(outcome).map((one) => one.code);
}

/** A submitted request whose preflight has found nothing. */
export async function submitted(
  { prisma, deps, people }: Organisation,
  changes: Record<string, unknown> = {},
  requester: Role = "developer",
): Promise<SubmittedRequest> {
  const request = mustAccept(await submitRequest(deps, people[requester], submission(changes)));
  await finishPreflight(prisma, request);
  return request;
}

/** As the worker does it. */
export async function finishPreflight(
  prisma: PrismaClient,
  { id, version }: Pick<SubmittedRequest, "id" | "version">,
  findings: object[] = [],
): Promise<void> {
  await prisma.requestVersion.update({
    where: { requestId_number: { requestId: id, number: version } },
    data: { preflightState: "finished", preflightFinishedAt: startOfTest, preflightFindings: findings },
  });
}

export function review(request: SubmittedRequest, changes: Record<string, unknown> = {}) {
  const { number, version, digest } = request;
  // The name of the account that most requests of the tests lead into: what high risk asks for.
  const confirmation = "data";
  return { number, version, digest, decision: "approve", comment: "", confirmation, ...changes };
}

/** An approved request, its grants and its run. */
export async function approved(
  organisation: Organisation,
  changes: Record<string, unknown> = {},
  requester: Role = "developer",
) {
  const { deps, people } = organisation;
  const request = await submitted(organisation, changes, requester);
  await reviewRequest(deps, people.bothOwner, review(request));
  const grants = await deps.prisma.grant.findMany({
    where: { requestId: request.id },
    orderBy: { createdAt: "asc" },
  });
  const [run] = await deps.prisma.run.findMany({ where: { requestId: request.id } });
  const [grant] = grants;
  if (!run || !grant) throw new UnexpectedRefusalError("The request was not approved.");
  return { request, grants, grant, run };
}

/** As the worker does it when a run has succeeded. */
export async function activate(prisma: PrismaClient, { grants, run }: Awaited<ReturnType<typeof approved>>) {
  await prisma.grant.updateMany({
    where: { id: { in: grants.map((grant) => grant.id) } },
    data: { state: "active", activatedAt: startOfTest },
  });
  await prisma.run.update({ where: { id: run.id }, data: { state: "succeeded", finishedAt: startOfTest } });
}

/** How many rows each table has, jobs included: what a refusal must not change. */
export async function rowCounts(prisma: PrismaClient) {
  const [jobs] = await prisma.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM graphile_worker._private_jobs`;
  return {
    requests: await prisma.request.count(),
    versions: await prisma.requestVersion.count(),
    reviews: await prisma.review.count(),
    comments: await prisma.comment.count(),
    grants: await prisma.grant.count(),
    runs: await prisma.run.count(),
    verifications: await prisma.verification.count(),
    events: await prisma.auditEvent.count(),
    accounts: await prisma.account.count(),
    clusters: await prisma.cluster.count(),
    groups: await prisma.group.count(),
    namespaceOwners: await prisma.namespaceOwner.count(),
    jobs: jobs?.count ?? 0,
  };
}
