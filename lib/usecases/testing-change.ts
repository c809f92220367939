import { randomUUID } from "node:crypto";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { reviewRequest } from "./review-request.ts";
import { submitRequest } from "./submit-request.ts";
import {
  activate,
  approved,
  data,
  finishPreflight,
  grantProposal,
  mustAccept,
  type Organisation,
  prodEu,
  queue,
  type Role,
  review,
  startOfTest,
  UnexpectedRefusalError,
} from "./testing.ts";

/** Live grants, and requests that renew or change them, in the organisation of testing.ts. */

export const later = "2027-06-01T00:00:00Z";

/** The form for another form of a grant. */
export function formOf(grant: Grant, changes: Record<string, unknown> = { expiresAt: later }) {
  const { target, level, custom, subResource, pattern, expiresAt } = grant;
  const listed = custom && !("level" in changes) ? { custom } : {};
  return {
    workload: grant.workload,
    grants: [{ target, level, ...listed, subResource, pattern, expiresAt, ...changes }],
    reason: "The report goes on for another quarter.",
    grantId: grant.id,
    idempotencyKey: randomUUID(),
  };
}

export type ChangeSetup = ReturnType<typeof changeSetup>;

export function changeSetup(org: Organisation) {
  const { prisma } = org.deps;

  /** A live grant in a namespace that has owners, who asked for it. */
  async function live(proposal: Record<string, unknown> = {}) {
    const serviceAccount = `sa-${randomUUID().slice(0, 8)}`;
    const all = await approved(
      org,
      {
        workload: { cluster: prodEu, namespace: "payments", serviceAccount },
        grants: [grantProposal({ subResource: "in", ...proposal })],
      },
      "payments",
    );
    await activate(prisma, all);
    return { ...all, grant: grantSchema.parse(all.grant.spec) };
  }

  async function asked(grant: Grant, changes?: Record<string, unknown>, by: Role = "payments") {
    const request = mustAccept(await submitRequest(org.deps, org.people[by], formOf(grant, changes)));
    await finishPreflight(prisma, request);
    return request;
  }

  function approve(request: Parameters<typeof review>[0], by: Role = "bothOwner") {
    return reviewRequest(org.deps, org.people[by], review(request));
  }

  /** A change whose run has failed, as the worker leaves it. */
  async function failedChange(changes?: Record<string, unknown>) {
    const before = await live();
    const request = await asked(before.grant, changes);
    const { runId } = mustAccept(await approve(request));
    if (!runId) throw new UnexpectedRefusalError("The change was not approved.");
    await prisma.run.update({
      where: { id: runId },
      data: { state: "failed", finishedAt: startOfTest, error: { cause: "c", nextStep: "n" } },
    });
    return { ...before, change: request, runId };
  }

  /**
   * A live access to a queue. Another of its approval, to a bucket with a key of its account's, is revoked, and the
   * bucket is deleted.
   */
  async function besideGone(pattern: string) {
    const arn = `arn:aws:s3:::ledger-${randomUUID().slice(0, 8)}`;
    const encryption = `arn:aws:kms:eu-west-1:${data}:key/k1`;
    await prisma.inventoryItem.create({
      data: { arn, accountId: data, service: "s3", name: "ledger", region: "eu-west-1", encryption },
    });
    const targets = [queue, { arn, accountId: data }];
    const serviceAccount = `sa-${randomUUID().slice(0, 8)}`;
    const all = await approved(
      org,
      {
        workload: { cluster: prodEu, namespace: "payments", serviceAccount },
        grants: targets.map((target) => grantProposal({ target, pattern })),
      },
      "payments",
    );
    await activate(prisma, all);
    await prisma.grant.updateMany({
      where: { requestId: all.request.id, targetArn: arn },
      data: { state: "revoked", wanted: false, revokedAt: startOfTest },
    });
    await prisma.inventoryItem.delete({ where: { arn } });
    const row = await prisma.grant.findFirstOrThrow({ where: { requestId: all.request.id, wanted: true } });
    return { ...all, grant: grantSchema.parse(row.spec) };
  }

  return {
    live,
    besideGone,
    asked,
    approve,
    failedChange,
    rowOf: (id: string) => prisma.grant.findUniqueOrThrow({ where: { id } }),
    runOf: (id: string) => prisma.run.findUniqueOrThrow({ where: { id } }),
  };
}
