import { MessageSquare } from "lucide-react";
import { eventWords } from "#components/requests/timeline-events.ts";
import { Timeline, type TimelineItem } from "#components/ui/timeline.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { AuditEventType } from "#lib/model/audit-event.ts";

export type ConversationEntry =
  | {
      kind: "event";
      at: string;
      event: { id: string; type: AuditEventType; actor: { name: string }; data: Record<string, unknown> };
    }
  | { kind: "comment"; at: string; id: string; person: { name: string }; body: string };

export type ConversationProps = {
  entries: readonly ConversationEntry[];
  /** The moment of rendering. */
  now: Date | string;
};

/** What happened and what was said, oldest first. */
export function Conversation({ entries, now }: ConversationProps) {
  return <Timeline label="What happened" items={entries.flatMap((entry) => toItem(entry, now) ?? [])} />;
}

function toItem(entry: ConversationEntry, now: Date | string): TimelineItem | null {
  const time = <Timestamp value={entry.at} now={now} />;
  if (entry.kind === "comment")
    return {
      id: `comment ${entry.id}`,
      actor: entry.person.name,
      verb: "commented",
      time,
      icon: <MessageSquare />,
      body: <Text>{entry.body}</Text>,
    };
  const words = eventWords(entry.event.type, entry.event.data);
  if (!words) return null;
  const { icon: Icon, verb, tone, body } = words;
  return {
    id: `event ${entry.event.id}`,
    actor: entry.event.actor.name,
    verb,
    time,
    icon: <Icon />,
    tone,
    body: body === undefined ? undefined : <Text>{body}</Text>,
  };
}

/** People's own words, as they wrote them: text, never markup. */
function Text({ children }: { children: string }) {
  return <p className="whitespace-pre-wrap wrap-anywhere">{children}</p>;
}
