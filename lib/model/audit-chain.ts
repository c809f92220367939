import type { ChainFault } from "./audit-fault.ts";
import { canonicalJson, sha256Hex } from "./digest.ts";

/**
 * The chain over history. Each seal's hash is
 *
 *     SHA-256(the hash before it, in hex ‖ "\n" ‖ the RFC 8785 canonical JSON of the event)
 *
 * in lower-case hex; before the first stand 64 zeros. The event is an object of all columns of its row: `id` as decimal
 * text, `at` in UTC with milliseconds (2026-11-22T10:00:00.000Z), the others as they are, null where there is nothing.
 * A column that comes later belongs to the form only where it holds something, so that what was sealed keeps its hash.
 *
 * The order of the chain is the order of sealing, and not of ids: a transaction takes its id when it writes and may
 * commit after another that took a higher one.
 */

/** A row of history, whole. */
export interface ChainedEvent {
  id: string;
  at: string;
  type: string;
  actorId: string | null;
  actorName: string;
  requestId: string | null;
  grantId: string | null;
  runId: string | null;
  accountIds: readonly string[];
  correlationId: string;
  data: unknown;
}

/** How far a chain goes: everything up to `position` follows from `hash`. */
export interface ChainHead {
  position: number;
  hash: string;
}

export interface Seal extends ChainHead {
  eventId: string;
}

/** A seal with the event that it names; null: there is none. */
export interface ChainLink extends Seal {
  event: ChainedEvent | null;
}

/** A head as it was written down outside the database: when, by the database's clock. */
export interface Anchor extends ChainHead {
  at: string;
}

/** Before the first event. */
export const emptyChain: ChainHead = { position: 0, hash: "0".repeat(64) };

/** The hash of an event's seal. */
export function sealHash(previous: string, event: ChainedEvent): string {
  // One by one: what else an object may carry is not part of the form.
  const form: ChainedEvent = {
    id: event.id,
    at: event.at,
    type: event.type,
    actorId: event.actorId,
    actorName: event.actorName,
    requestId: event.requestId,
    grantId: event.grantId,
    runId: event.runId,
    accountIds: event.accountIds,
    correlationId: event.correlationId,
    data: event.data,
  };
  return sha256Hex(`${previous}\n${canonicalJson(form)}`);
}

/** The seals of events that follow a head, in the order given. */
export function sealsAfter(head: ChainHead, events: readonly ChainedEvent[]): Seal[] {
  let { position, hash } = head;
  return events.map((event) => {
    position += 1;
    hash = sealHash(hash, event);
    return { position, eventId: event.id, hash };
  });
}

/** Reads the chain from a position on, in order, a piece at a time. */
export type ReadChain = (after: number) => AsyncIterable<readonly ChainLink[]>;

export interface ChainReport {
  /** How far the chain holds. */
  head: ChainHead;
  fault: ChainFault | null;
}

/**
 * An event that is sealed so long after the time that it bears was not written then: no transaction lasts so long,
 * and no clock is so wrong.
 */
const backdatedAfterMs = 24 * 3_600_000;

/**
 * Follows the chain from its beginning and compares it with the heads that were written down outside the database.
 * What the chain alone can't show, it can't: somebody who rewrites events and all seals after them, or takes the end
 * away, is found by the anchors only.
 */
export async function verifyChain(read: ReadChain, anchors: readonly Anchor[]): Promise<ChainReport> {
  const sorted = [...anchors].sort((a, b) => a.position - b.position);
  let head = emptyChain;
  let before = emptyChain;
  let last: ChainLink | null = null;
  let anchored = 0;
  let next = 0;
  let notBefore = "";
  for await (const links of read(0)) {
    for (const link of links) {
      const fault = faultOf(head, link, notBefore);
      if (fault) {
        // With what stands at this place now: the two tell who was put between whom.
        if (fault.kind === "event-changed")
          return { head, fault: await told(read, { before, last, head, link }, sorted) };
        return { head, fault };
      }
      [before, last, head] = [head, link, { position: link.position, hash: link.hash }];
      for (; sorted[next]?.position === link.position; next += 1) {
        if (sorted[next]?.hash !== link.hash)
          return { head, fault: { kind: "rewritten", after: anchored, position: link.position } };
        anchored = link.position;
        notBefore = earlier(sorted[next]?.at ?? "");
      }
    }
  }
  const end = sorted.at(-1);
  if (end && end.position > head.position)
    return {
      head,
      fault: { kind: "truncated", position: head.position, anchored: end.position, at: end.at },
    };
  return { head, fault: null };
}

function earlier(at: string): string {
  return new Date(Date.parse(at) - backdatedAfterMs).toISOString();
}

/** @param notBefore events sealed from here on bear no earlier time */
function faultOf(head: ChainHead, link: ChainLink, notBefore: string): ChainFault | null {
  const { position, eventId, event } = link;
  if (position !== head.position + 1) return { kind: "seal-missing", position: head.position + 1 };
  if (!event) return { kind: "event-missing", position, eventId };
  if (sealHash(head.hash, event) !== link.hash) return { kind: "event-changed", position, eventId };
  if (event.at < notBefore) return { kind: "event-inserted", position, eventId };
  return null;
}

/** The place of a break: the link that does not fit, and the one before it. */
interface Place {
  /** Where the chain stood before the last link that fits. */
  before: ChainHead;
  last: ChainLink | null;
  head: ChainHead;
  link: ChainLink;
}

/** A hash that does not fit has several causes; what follows it, and what else would fit, tells them apart. */
async function told(read: ReadChain, place: Place, anchors: readonly Anchor[]): Promise<ChainFault> {
  const { before, last, head, link } = place;
  const { position, eventId, event } = link;
  const changed: ChainFault = { kind: "event-changed", position, eventId };
  if (!event) return changed;
  if (last && sealHash(before.hash, event) === link.hash)
    return { kind: "event-inserted", position: last.position, eventId: last.eventId };
  const computed = sealHash(head.hash, event);
  const anchor = anchors.find((one) => one.position === position);
  if (anchor?.hash === computed) return { kind: "seal-changed", position, eventId };
  let follower: ChainLink | undefined;
  for await (const links of read(0))
    for (const other of links) {
      if (other.position === position + 1) follower = other;
      if (other.position !== position && other.event && sealHash(head.hash, other.event) === link.hash)
        return { kind: "order-changed", position, eventId, sealed: other.eventId };
    }
  const continues = follower?.event && sealHash(computed, follower.event) === follower.hash;
  return continues ? { kind: "seal-changed", position, eventId } : changed;
}
