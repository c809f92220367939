import { chainFaultSchema, describeFault } from "#lib/model/audit-fault.ts";
import { type Actor, seesEverything } from "#lib/model/person.ts";
import { waitingForSeal } from "../audit-chain.ts";
import type { Prisma, Reader } from "../types.ts";
import type { HistoryChainView } from "./views/history.ts";

/** The state of history's chain, for admins and auditors; null for others. */
export async function historyChain({ prisma }: Reader, actor: Actor): Promise<HistoryChainView | null> {
  if (!seesEverything(actor)) return null;
  const [seal, waiting, check] = await Promise.all([
    prisma.auditSeal.findFirst({ orderBy: { position: "desc" } }),
    waitingForSeal(prisma),
    prisma.auditCheck.findFirst({ orderBy: { id: "desc" } }),
  ]);
  const event = seal && (await prisma.auditEvent.findUnique({ where: { id: seal.eventId } }));
  return {
    sealed: event ? { position: Number(seal.position), at: event.at.toISOString() } : null,
    waiting: waiting && { count: waiting.count, since: waiting.since.toISOString() },
    check: check && {
      at: check.at.toISOString(),
      position: Number(check.position),
      anchors: check.anchors,
      fault: faultIn(check),
    },
  };
}

/** A fault that this release has no words for is one all the same. */
function faultIn({ fault }: Prisma.AuditCheckGetPayload<object>): string | null {
  if (fault === null) return null;
  const { data } = chainFaultSchema.safeParse(fault);
  return data
    ? describeFault(data)
    : "What the check found is not known to this release: see the worker's log.";
}
