import { randomUUID } from "node:crypto";
import { liveGrants, workloadColumns } from "#lib/db/estate.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { changeKind } from "#lib/model/grant-change.ts";
import { type RunAuthorisation, runAuthorisationSchema } from "#lib/model/run.ts";
import { targetFacts } from "#lib/model/version-grants.ts";
import { issuerOf, planDigest } from "#lib/plan/digest.ts";
import type { Compile } from "./deps.ts";
import { installation, type World } from "./testing.ts";

/** Changes of live grants as the use cases leave them for the worker. */

export type GrantForm = Partial<Pick<Grant, "level" | "custom" | "subResource" | "expiresAt">>;

/** As after the last approval of a change. @returns the run */
export async function approveChange(
  { prisma, estate, tellApproved }: World,
  grantId: string,
  form: GrantForm,
  compile: Compile = desiredResources,
): Promise<string> {
  const row = await prisma.grant.findUniqueOrThrow({ where: { id: grantId }, include: { changeRun: true } });
  const live = grantSchema.parse(row.spec);
  const { custom, ...rest } = live;
  // Another level is no longer made of the actions that were listed.
  const grant = { ...rest, ...(custom && !form.level ? { custom } : {}), ...form };
  const kind = changeKind(live, grant) ?? "change";
  const others = (await liveGrants(prisma, grant.workload.cluster)).filter(({ id }) => id !== grantId);
  const now = await estate();
  const desired = compile([...others, grant], now);
  const issuer = issuerOf([grant], now);
  const digest = planDigest({ installation, kind, grants: [grant], issuer, desired });
  const { id: requestId } = await prisma.request.create({
    data: {
      kind,
      grantId,
      baseRequestId: row.requestId,
      state: "approved",
      requesterId: row.ownerId,
      title: "test",
      ...workloadColumns(grant.workload),
      accountIds: [row.clusterAccountId, row.targetAccountId],
      idempotencyKey: randomUUID(),
      versions: {
        create: {
          number: 1,
          authorId: row.ownerId,
          reason: "a test",
          grants: [grant],
          targets: targetFacts([grant], now),
          digest,
          issuer,
          approvals: [],
          preflightState: "queued",
        },
      },
    },
  });
  const from = [row.requestId, ...fromOf(row.changeRun)];
  const runId = await queue({ prisma }, grant, { basis: "approval", requestId, version: 1, digest, from });
  await tellApproved(requestId, runId, digest);
  return runId;
}

/** As after a person has rolled the grant's failed change back. @returns the run */
export async function rollBack({ prisma, tell }: World, grantId: string): Promise<string> {
  const row = await prisma.grant.findUniqueOrThrow({
    where: { id: grantId },
    include: { changeRun: true, request: { include: { base: { include: { versions: true } } } } },
  });
  const { base } = row.request;
  const version = base?.versions[0];
  const grant = grantSchema
    .array()
    .parse(version?.grants)
    .find(({ id }) => id === grantId);
  if (!base || !version || !grant) throw new Error("nothing to go back to");
  const from = [row.requestId, ...fromOf(row.changeRun).filter((id) => id !== base.id)];
  const { digest } = version;
  const requestId = base.id;
  const runId = await queue({ prisma }, grant, { basis: "approval", requestId, version: 1, digest, from });
  await tell({ requestId, runId }, { type: "run.queued", data: { kind: "provision" } });
  return runId;
}

function fromOf(run: { authorisation: unknown } | null): string[] {
  const authorisation = run && runAuthorisationSchema.parse(run.authorisation);
  return authorisation?.basis === "approval" ? (authorisation.from ?? []) : [];
}

async function queue(
  { prisma }: Pick<World, "prisma">,
  grant: Grant,
  authorisation: RunAuthorisation & { basis: "approval" },
): Promise<string> {
  const { requestId } = authorisation;
  const run = await prisma.run.create({
    data: { kind: "provision", requestId, grantIds: [grant.id], authorisation },
  });
  const { level, expiresAt } = grant;
  await prisma.grant.update({
    where: { id: grant.id },
    data: { requestId, spec: grant, level, expiresAt, changeRunId: run.id },
  });
  return run.id;
}
