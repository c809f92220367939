import {
  type ChainedEvent,
  type ChainHead,
  type ChainLink,
  emptyChain,
  type Seal,
  sealHash,
  sealsAfter,
} from "#lib/model/audit-chain.ts";
import type { ChainFault } from "#lib/model/audit-fault.ts";

/** What somebody who owns the database can do to history at one place of it, and what must be said of that. */

export interface Place {
  /** All that is sealed, as it was. */
  history: readonly ChainLink[];
  /** From 0. */
  index: number;
  /** How many places came before: what has several forms takes them by turns. */
  turn: number;
}

/** What becomes of the rows. */
export interface Change {
  /** Events by id, and those that come in, or take another's place. */
  remove: string[];
  put: ChainedEvent[];
  /** All seals from a position on. Null: they stay. */
  seals: { from: number; rows: Seal[] } | null;
}

export interface Tampering {
  what: string;
  /** Without a thought of the seals, or with those alone that it is about: the chain shows it by itself. */
  plain(place: Place): Change & { expected: Partial<ChainFault> };
  /** With every seal from there on made anew: only a head that was written down elsewhere shows it. */
  rewritten(place: Place): Change;
}

function linkAt({ history }: Place, index: number): ChainLink & { event: ChainedEvent } {
  const link = history[index];
  if (!link?.event) throw new RangeError(`no link ${index}`);
  return { ...link, event: link.event };
}

function headBefore({ history, index }: Place): ChainHead {
  return history[index - 1] ?? emptyChain;
}

function eventsFrom({ history, index }: Place): ChainedEvent[] {
  return history.slice(index).flatMap(({ event }) => (event ? [event] : []));
}

function sealsFrom({ history, index }: Place): Seal[] {
  return history.slice(index).map(({ position, eventId, hash }) => ({ position, eventId, hash }));
}

/** The change with the seals of these events, from the place on. */
function anew(place: Place, events: readonly ChainedEvent[], rows: Partial<Change>): Change {
  const seals = { from: place.index + 1, rows: sealsAfter(headBefore(place), events) };
  return { remove: [], put: [], ...rows, seals };
}

/** An event that never happened, with the time of the place and an id that nothing has. */
function forged(place: Place, number = 1): ChainedEvent {
  const { event } = linkAt(place, place.index);
  const highest = place.history.reduce((most, { eventId }) => Math.max(most, Number(eventId)), 0);
  return { ...event, id: String(highest + number), actorName: "Somebody else", data: { number } };
}

const another = "0198a7c2-0000-7000-8000-00000000ffff";

/** Every column, each changed as little as it can be. */
const edits: ((event: ChainedEvent) => ChainedEvent)[] = [
  (event) => ({ ...event, at: new Date(Date.parse(event.at) + 1).toISOString() }),
  (event) => ({ ...event, type: `${event.type}.` }),
  (event) => ({ ...event, actorId: event.actorId === null ? another : null }),
  (event) => ({ ...event, actorName: `${event.actorName} ` }),
  (event) => ({ ...event, requestId: event.requestId === null ? another : null }),
  (event) => ({ ...event, grantId: event.grantId === null ? "" : null }),
  (event) => ({ ...event, runId: event.runId === null ? another : null }),
  (event) => ({ ...event, accountIds: [...event.accountIds, "000000000000"] }),
  (event) => ({ ...event, correlationId: event.correlationId.toUpperCase() }),
  (event) => ({ ...event, data: { ...(event.data as object), "": null } }),
];

const edit: Tampering = {
  what: "a field edited",
  plain: (place) => {
    const { event, position, eventId } = linkAt(place, place.index);
    const changed = edited(place, event);
    return {
      ...{ remove: [], put: [changed], seals: null },
      expected: { kind: "event-changed", position, eventId },
    };
  },
  rewritten: (place) => {
    const [event, ...rest] = eventsFrom(place);
    if (!event) throw new RangeError("nothing is there");
    const changed = edited(place, event);
    return anew(place, [changed, ...rest], { put: [changed] });
  },
};

function edited({ turn }: Place, event: ChainedEvent): ChainedEvent {
  return edits[turn % edits.length]?.(event) ?? event;
}

const removal: Tampering = {
  what: "an event deleted",
  plain: (place) => {
    const { position, eventId } = linkAt(place, place.index);
    return {
      ...{ remove: [eventId], put: [], seals: null },
      expected: { kind: "event-missing", position, eventId },
    };
  },
  rewritten: (place) => {
    const { eventId } = linkAt(place, place.index);
    return anew(place, eventsFrom(place).slice(1), { remove: [eventId] });
  },
};

/** The event of the place and the next; of the last, it and the one before. */
function pair(place: Place): Place {
  return { ...place, index: Math.max(0, Math.min(place.index, place.history.length - 2)) };
}

const swap: Tampering = {
  what: "two events in each other's place",
  plain: (given) => {
    const place = pair(given);
    const [one, two] = [linkAt(place, place.index), linkAt(place, place.index + 1)];
    const { position, eventId } = one;
    // Half of the time the seals name each other's event, half the rows hold each other's content.
    if (place.turn % 2 === 0) {
      const [first, second, ...rest] = sealsFrom(place);
      if (!first || !second) throw new RangeError("there are no two");
      const rows = [{ ...first, eventId: two.eventId }, { ...second, eventId: one.eventId }, ...rest];
      return {
        ...{ remove: [], put: [], seals: { from: position, rows } },
        expected: { kind: "order-changed", position, eventId: two.eventId, sealed: eventId },
      };
    }
    const put = [
      { ...two.event, id: eventId },
      { ...one.event, id: two.eventId },
    ];
    return { ...{ remove: [], put, seals: null }, expected: { kind: "event-changed", position, eventId } };
  },
  rewritten: (given) => {
    const place = pair(given);
    const [one, two, ...rest] = eventsFrom(place);
    if (!one || !two) throw new RangeError("there are no two");
    return anew(place, [two, one, ...rest], {});
  },
};

const insertion: Tampering = {
  what: "a forged event inserted",
  plain: (place) => {
    const event = forged(place);
    const position = place.index + 1;
    // Half of the time beside the chain, half in it, with a hash that fits.
    if (place.turn % 2 === 0)
      return {
        ...{ remove: [], put: [event], seals: null },
        expected: { kind: "never-sealed", eventId: event.id },
      };
    const hash = sealHash(headBefore(place).hash, event);
    const later = sealsFrom(place).map((seal) => ({ ...seal, position: seal.position + 1 }));
    return {
      ...{ remove: [], put: [event] },
      seals: { from: position, rows: [{ position, eventId: event.id, hash }, ...later] },
      expected: { kind: "event-inserted", position, eventId: event.id },
    };
  },
  rewritten: (place) => {
    const event = forged(place);
    return anew(place, [event, ...eventsFrom(place)], { put: [event] });
  },
};

const truncation: Tampering = {
  what: "the end cut off",
  plain: (place) => ({
    ...{ remove: eventsFrom(place).map(({ id }) => id), put: [] },
    seals: { from: place.index + 1, rows: [] },
    expected: { kind: "truncated", position: place.index },
  }),
  // As many others in its place, so that the length tells nothing.
  rewritten: (place) => {
    const events = eventsFrom(place);
    const put = events.map((_, number) => forged(place, number + 1));
    return anew(place, put, { remove: events.map(({ id }) => id), put });
  },
};

export const tamperings: readonly Tampering[] = [edit, removal, swap, insertion, truncation];
