import { ChevronRight } from "lucide-react";
import { EventSentence, type HistoryEvent } from "#components/history/sentences.tsx";
import { eventTone } from "#components/history/tones.ts";
import { Table, TableCell, TableRow } from "#components/ui/table.tsx";
import { absoluteTime, relativeTime } from "#components/ui/timestamp.tsx";
import { solidTone } from "#components/ui/tone.ts";

export type EventRow = HistoryEvent & {
  id: string;
  at: string;
  requestId: string | null;
  accountIds: string[];
  correlationId: string;
};

/** Every event in one sentence, with its data one click away. */
export function EventTable({ events, now }: { events: readonly EventRow[]; now: string }) {
  return (
    <Table
      caption="Events"
      columns={[
        { label: "When", className: "w-52" },
        { label: "What" },
        { label: "Type", className: "w-48" },
      ]}
    >
      {events.map((event) => (
        <TableRow key={event.id} className="sm:[&>td]:align-top">
          <TableCell className="text-sm text-ink-muted tabular-nums">
            <time dateTime={event.at} title={relativeTime(new Date(event.at), new Date(now))}>
              {absoluteTime(new Date(event.at), "second")}
            </time>
          </TableCell>
          <TableCell>
            <span className="flex items-start gap-2.5">
              <span
                aria-hidden="true"
                className={`mt-[7px] size-1.5 shrink-0 rounded-full ${solidTone[eventTone(event)]}`}
              />
              <span className="relative min-w-0 flex-1">
                <span className="block pr-14">
                  <span className="font-medium text-ink">{event.actor.name}</span>{" "}
                  <span className="text-ink-muted">
                    <EventSentence event={event} />
                  </span>
                </span>
                <EventData event={event} />
              </span>
            </span>
          </TableCell>
          <TableCell className="hidden font-mono text-xs text-ink-muted sm:pt-2.5">{event.type}</TableCell>
        </TableRow>
      ))}
    </Table>
  );
}

function EventData({ event }: { event: EventRow }) {
  const { id, at, type, actor, requestId, requestNumber, grantId, runId, accountIds, correlationId, data } =
    event;
  const whole = {
    id,
    at,
    type,
    actor,
    requestId,
    requestNumber,
    grantId,
    runId,
    accountIds,
    correlationId,
    data,
  };
  return (
    <details className="group">
      <summary className="absolute top-0 right-0 flex h-[1.375rem] list-none items-center gap-0.5 rounded-sm px-1 text-xs text-ink-muted hover:bg-hover hover:text-ink">
        Data
        <span className="sr-only"> of event {id}</span>
        <ChevronRight aria-hidden="true" className="size-3.5 transition-transform group-open:rotate-90" />
      </summary>
      <pre className="mt-1.5 rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere text-ink">
        {JSON.stringify(whole, null, 2)}
      </pre>
    </details>
  );
}
