import { EventSentence, type HistoryEvent } from "#components/history/sentences.tsx";
import { eventTone } from "#components/history/tones.ts";
import { Timeline } from "#components/ui/timeline.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";

export type TimelineEvent = HistoryEvent & { id: string; at: string };

/** What happened to one thing, in order. */
export function EventTimeline({
  label,
  events,
  now,
}: {
  label: string;
  events: readonly TimelineEvent[];
  now: string;
}) {
  return (
    <Timeline
      label={label}
      items={events.map((event) => ({
        id: event.id,
        actor: event.actor.name,
        verb: <EventSentence event={event} />,
        time: <Timestamp value={event.at} now={now} />,
        tone: eventTone(event),
      }))}
    />
  );
}
