import { Callout } from "#components/ui/callout.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { faultNextStep } from "#lib/model/audit-fault.ts";

/** How far history is sealed, and what the last check found (`HistoryChainView` of the queries): plain data. */
export type ChainData = {
  sealed: { position: number; at: string } | null;
  waiting: { count: number; since: string } | null;
  check: { at: string; position: number; anchors: number; fault: string | null } | null;
};

type ChainProps = { chain: ChainData; now: string };

/** Milliseconds: a worker seals within seconds. */
const lateAfterMs = 5 * 60_000;

/** Whether history is what was sealed, in a word. */
export function ChainBadge({ chain: { check } }: Pick<ChainProps, "chain">) {
  // A check of nothing shows nothing.
  if (!check || (check.position === 0 && !check.fault))
    return <StatusBadge label="Not checked yet" tone="neutral" />;
  return check.fault ? (
    <StatusBadge label="Broken" tone="danger" />
  ) : (
    <StatusBadge label="Intact" tone="success" />
  );
}

/** The facts behind the badge. */
export function ChainFacts({ chain: { sealed, check }, now }: ChainProps) {
  return (
    <>
      {sealed && (
        <span>
          Sealed up to <Timestamp value={sealed.at} now={now} show="absolute" precision="second" />
        </span>
      )}
      {check && (
        <span>
          Checked <Timestamp value={check.at} now={now} />: {plural(check.position, "event")}{" "}
          {check.position === 1 ? "holds" : "hold"}
        </span>
      )}
      {check && (
        <span>
          {check.anchors > 0
            ? `Compared with ${plural(check.anchors, "record")} kept outside the database`
            : "No record is kept outside the database"}
        </span>
      )}
    </>
  );
}

/** What somebody has to do something about; nothing otherwise. */
export function ChainNotices({ chain: { waiting, check }, now }: ChainProps) {
  const late = waiting && Date.parse(now) - Date.parse(waiting.since) > lateAfterMs;
  return (
    <div className="mb-6 space-y-3 empty:hidden">
      {check?.fault && (
        <Callout tone="danger" title="History is not as it was sealed">
          <p>{check.fault}</p>
          <p className="mt-1.5">{faultNextStep}</p>
        </Callout>
      )}
      {late && (
        <Callout tone="warn" title={`${plural(waiting.count, "event")} not sealed yet`}>
          The oldest is from <Timestamp value={waiting.since} now={now} show="absolute" />. A worker seals
          within seconds: see that one is running.
        </Callout>
      )}
    </div>
  );
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
