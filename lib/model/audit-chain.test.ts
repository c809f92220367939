import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Anchor,
  type ChainedEvent,
  type ChainLink,
  emptyChain,
  type ReadChain,
  sealHash,
  sealsAfter,
  verifyChain,
} from "./audit-chain.ts";
import { type ChainFault, describeFault } from "./audit-fault.ts";
import { sha256Hex } from "./digest.ts";

const example: ChainedEvent = {
  id: "1",
  at: "2026-11-22T10:00:00.000Z",
  type: "request.submitted",
  actorId: "0198a7c2-0000-7000-8000-000000000001",
  actorName: "Dana",
  requestId: "0198a7c2-0000-7000-8000-000000000002",
  grantId: null,
  runId: null,
  accountIds: ["111122223333", "444455556666"],
  correlationId: "c-1",
  data: { number: 42, title: "Read <reports> – “all”", version: 1, digest: "d" },
};

/** A minute apart, from the example's time on. */
function event(number: number): ChainedEvent {
  const at = new Date(Date.parse(example.at) + number * 60_000).toISOString();
  return { ...example, id: String(number), at, data: { number } };
}

const length = 12;
const events = Array.from({ length }, (_, index) => event(index + 1));

function chain(of: readonly ChainedEvent[] = events): ChainLink[] {
  return sealsAfter(emptyChain, of).map((seal, index) => ({ ...seal, event: of[index] ?? null }));
}

function reading(links: readonly ChainLink[], size = 5): ReadChain {
  return async function* (after) {
    const rest = links.filter(({ position }) => position > after);
    for (let start = 0; start < rest.length; start += size) yield rest.slice(start, start + size);
  };
}

/** The head after so many events, written down when the next could have come. */
function anchor(position: number, links = chain()): Anchor {
  const { hash } = links[position - 1] ?? emptyChain;
  return { position, hash, at: event(position).at };
}

async function faultIn(links: readonly ChainLink[], anchors: readonly Anchor[] = []) {
  return (await verifyChain(reading(links), anchors)).fault;
}

/** A copy with some links replaced, by index. */
function changed(change: (links: ChainLink[]) => ChainLink[]): ChainLink[] {
  return change(chain().map((link) => ({ ...link })));
}

const at = (links: readonly ChainLink[], index: number): ChainLink => {
  const link = links[index];
  if (!link) throw new RangeError(`no link ${index}`);
  return link;
};

describe("a seal", () => {
  it("is the hash before it and the canonical JSON of the whole event", () => {
    const text =
      '{"accountIds":["111122223333","444455556666"],"actorId":"0198a7c2-0000-7000-8000-000000000001","actorName":"Dana","at":"2026-11-22T10:00:00.000Z","correlationId":"c-1","data":{"digest":"d","number":42,"title":"Read <reports> – “all”","version":1},"grantId":null,"id":"1","requestId":"0198a7c2-0000-7000-8000-000000000002","runId":null,"type":"request.submitted"}';
    expect(sealHash(emptyChain.hash, example)).toBe(sha256Hex(`${"0".repeat(64)}\n${text}`));
    // As it was when the first chains were sealed: another form would break all of them.
    expect(sealHash(emptyChain.hash, example)).toBe(
      "f80fb4a32a8184d4864bcf1fba9a149191c295a352e6715468cb14845800ce69",
    );
  });

  it("does not hang on the order in which the database gives columns or keys", () => {
    const reversed = Object.fromEntries(Object.entries(example).toReversed()) as unknown as ChainedEvent;
    expect(sealHash("x", reversed)).toBe(sealHash("x", example));
  });

  it.each(Object.keys(example) as (keyof ChainedEvent)[])("covers %s", (column) => {
    const other = { ...example, [column]: column === "accountIds" ? ["111122223333"] : "another" };
    expect(sealHash("x", other)).not.toBe(sealHash("x", example));
  });

  it("follows from those before it, however they are dealt out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: length }), (cut) => {
        const first = sealsAfter(emptyChain, events.slice(0, cut));
        const rest = sealsAfter(first.at(-1) ?? emptyChain, events.slice(cut));
        expect([...first, ...rest]).toEqual(sealsAfter(emptyChain, events));
      }),
    );
  });
});

describe("a chain that nobody touched", () => {
  it("is intact, and so is an empty one", async () => {
    const links = chain();
    const anchors = [anchor(3), anchor(length), anchor(3)];
    expect(await verifyChain(reading(links), anchors)).toEqual({
      head: { position: length, hash: at(links, length - 1).hash },
      fault: null,
    });
    expect(await verifyChain(reading([]), [])).toEqual({ head: emptyChain, fault: null });
  });

  it("may hold events in another order than that of their ids or times", async () => {
    expect(await faultIn(chain(events.toReversed()))).toBeNull();
  });
});

describe("a chain that was tampered with", () => {
  const position = 6;
  const eventId = "6";
  const forged: ChainedEvent = { ...event(6), id: "99", actorName: "Mallory" };
  const cases: { what: string; links: ChainLink[]; anchors?: Anchor[]; fault: ChainFault }[] = [
    {
      what: "an event that says something else",
      links: changed((links) =>
        links.with(5, { ...at(links, 5), event: { ...event(6), actorName: "Mallory" } }),
      ),
      fault: { kind: "event-changed", position, eventId },
    },
    {
      what: "a last event that says something else",
      links: changed((links) =>
        links.with(11, { ...at(links, 11), event: { ...event(12), actorName: "Mallory" } }),
      ),
      fault: { kind: "event-changed", position: 12, eventId: "12" },
    },
    {
      what: "an event that is gone",
      links: changed((links) => links.with(5, { ...at(links, 5), event: null })),
      fault: { kind: "event-missing", position, eventId },
    },
    {
      what: "an event that is gone with its seal",
      links: changed((links) => links.toSpliced(5, 1)),
      fault: { kind: "seal-missing", position },
    },
    {
      what: "two events that changed places",
      links: changed((links) => {
        const [six, nine] = [at(links, 5), at(links, 8)];
        return links
          .with(5, { ...six, eventId: nine.eventId, event: nine.event })
          .with(8, { ...nine, eventId: six.eventId, event: six.event });
      }),
      fault: { kind: "order-changed", position, eventId: "9", sealed: "6" },
    },
    {
      what: "an event that was put between two others, with a hash that fits",
      links: changed((links) => {
        const hash = sealHash(at(links, 4).hash, forged);
        const later = links.slice(5).map((link) => ({ ...link, position: link.position + 1 }));
        return [...links.slice(0, 5), { position, eventId: "99", hash, event: forged }, ...later];
      }),
      fault: { kind: "event-inserted", position, eventId: "99" },
    },
    {
      what: "a hash that was changed",
      links: changed((links) => links.with(5, { ...at(links, 5), hash: "f".repeat(64) })),
      fault: { kind: "seal-changed", position, eventId },
    },
    {
      what: "the last hash, when an anchor tells it from the event",
      links: changed((links) => links.with(11, { ...at(links, 11), hash: "f".repeat(64) })),
      anchors: [anchor(12)],
      fault: { kind: "seal-changed", position: 12, eventId: "12" },
    },
    {
      what: "everything from one event on made anew, beside what was written down elsewhere",
      links: chain(events.with(5, forged)),
      anchors: [anchor(2), anchor(4), anchor(10), anchor(12)],
      fault: { kind: "rewritten", after: 4, position: 10 },
    },
    {
      what: "an end that was cut off",
      links: chain().slice(0, 5),
      anchors: [anchor(4), anchor(12)],
      fault: { kind: "truncated", position: 5, anchored: 12, at: event(12).at },
    },
    {
      what: "a history that was emptied",
      links: [],
      anchors: [anchor(12)],
      fault: { kind: "truncated", position: 0, anchored: 12, at: event(12).at },
    },
    {
      what: "an event of long ago that was sealed today",
      links: chain([...events, { ...forged, at: "2026-11-20T10:00:00.000Z" }]),
      anchors: [anchor(12)],
      fault: { kind: "event-inserted", position: 13, eventId: "99" },
    },
  ];

  it.each(cases)("shows $what", async ({ links, anchors, fault }) => {
    expect(await faultIn(links, anchors)).toEqual(fault);
    expect(describeFault(fault)).toMatch(/^[A-Z].*\.$/);
  });

  it("holds up to the break", async () => {
    const links = changed((some) => some.with(5, { ...at(some, 5), event: null }));
    const { head } = await verifyChain(reading(links), []);
    expect(head).toEqual({ position: 5, hash: at(links, 4).hash });
  });

  it("shows whichever event and whichever column was changed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: length - 1 }),
        fc.constantFrom("at", "type", "actorName", "grantId", "correlationId"),
        async (index, column) => {
          const links = changed((some) =>
            some.with(index, { ...at(some, index), event: { ...event(index + 1), [column]: "x" } }),
          );
          expect(await faultIn(links)).toEqual({
            kind: "event-changed",
            position: index + 1,
            eventId: String(index + 1),
          });
        },
      ),
    );
  });
});
