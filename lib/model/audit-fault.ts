import { z } from "zod";

/** A place in the chain, from 1. */
const position = z.number().int().positive();
/** Decimal text: the rows' numbers don't fit a double for ever. */
const eventId = z.string().regex(/^-?\d+$/);
const moment = z.iso.datetime();

/** The first place at which history is not what was sealed. */
export const chainFaultSchema = z.discriminatedUnion("kind", [
  /** A row says something else than when it was sealed. */
  z.strictObject({ kind: z.literal("event-changed"), position, eventId }),
  z.strictObject({ kind: z.literal("event-missing"), position, eventId }),
  /** Another event was sealed at this place. */
  z.strictObject({ kind: z.literal("order-changed"), position, eventId, sealed: eventId }),
  /** It was put between others, or long after the time that it bears. */
  z.strictObject({ kind: z.literal("event-inserted"), position, eventId }),
  /** It has been there for long, and no seal covers it. */
  z.strictObject({ kind: z.literal("never-sealed"), eventId, since: moment }),
  z.strictObject({ kind: z.literal("seal-changed"), position, eventId }),
  z.strictObject({ kind: z.literal("seal-missing"), position }),
  /** The chain fits together and is another than the one whose head was written down at `position`. */
  z.strictObject({ kind: z.literal("rewritten"), after: z.number().int().nonnegative(), position }),
  /** It ends before a head that was written down. */
  z.strictObject({
    kind: z.literal("truncated"),
    position: z.number().int().nonnegative(),
    anchored: position,
    at: moment,
  }),
]);

export type ChainFault = z.infer<typeof chainFaultSchema>;

type Words = { [K in ChainFault["kind"]]: (fault: Extract<ChainFault, { kind: K }>) => string };

const words: Words = {
  "event-changed": ({ eventId, position }) =>
    `Event ${eventId} was changed after it had been sealed at position ${position}.`,
  "event-missing": ({ eventId, position }) => `Event ${eventId}, sealed at position ${position}, is gone.`,
  "order-changed": ({ eventId, sealed, position }) =>
    `Position ${position} names event ${eventId}, and event ${sealed} was sealed there.`,
  "event-inserted": ({ eventId, position }) =>
    `Event ${eventId}, at position ${position}, was put into history later than it says.`,
  "never-sealed": ({ eventId, since }) => `Event ${eventId} of ${since} was never sealed.`,
  "seal-changed": ({ eventId, position }) =>
    `The seal of event ${eventId}, at position ${position}, was changed.`,
  "seal-missing": ({ position }) => `The seal at position ${position} is gone.`,
  rewritten: ({ after, position }) =>
    `The chain was made anew somewhere after position ${after}: at position ${position} it is not the one that was written down.`,
  truncated: ({ position, anchored, at }) =>
    `History ends at position ${position}, and at ${at} it went on to position ${anchored}: what came after is gone.`,
};

/** What is wrong, in one sentence. */
export function describeFault(fault: ChainFault): string {
  return (words[fault.kind] as (fault: ChainFault) => string)(fault);
}

/** The same for all of them: whoever can do this can reach the database past Drawbridge. */
export const faultNextStep =
  "Someone has written to the database past Drawbridge, or it was restored from a backup. Keep a copy of it as it is, compare it with a backup from before, and look in AWS's CloudTrail for what was done meanwhile.";
