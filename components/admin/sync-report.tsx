import { isWaiting, type SyncFacts } from "#components/admin/account-table.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";

export type SyncProblem = { section: string; subject: string; cause: string; nextStep: string };

export type SyncReportProps = {
  account: Omit<SyncFacts, "syncErrors"> & { syncErrors: readonly SyncProblem[]; registeredAt: string };
  now: string;
};

/** When the account was read and what could not be, each problem with its next step. */
export function SyncReport({ account, now }: SyncReportProps) {
  const { syncedAt, syncErrors } = account;
  if (syncErrors.length > 0)
    return (
      <Callout tone="danger" title="Drawbridge can't read all of this account">
        <p>
          Requests that touch it can't be checked, so they can't be approved.{" "}
          {syncedAt && (
            <>
              Last tried <Timestamp value={syncedAt} now={now} />.
            </>
          )}
        </p>
        <ul className="mt-3 space-y-2.5">
          {byCause(syncErrors).map(({ cause, nextStep, subjects }) => (
            <li key={cause}>
              {cause} <span className="text-ink-muted">{nextStep}</span>
              {subjects !== "" && <span className="block text-xs text-ink-muted">Not read: {subjects}.</span>}
            </li>
          ))}
        </ul>
      </Callout>
    );
  if (isWaiting(account))
    return (
      <Callout tone="info" title={syncedAt === null ? "Being read for the first time" : "Being read again"}>
        {syncedAt === null
          ? "Create what stands under “Set up the account” in it first: without that this fails, which does no harm."
          : "It takes some seconds. This page updates by itself."}
      </Callout>
    );
  if (syncedAt === null)
    return (
      <Callout tone="warn" title="Never read">
        Create what stands under “Set up the account” in it, then press Sync now.
      </Callout>
    );
  return null;
}

/** One missing right keeps several parts of an account from being read: that is said once. */
function byCause(problems: readonly SyncProblem[]): { cause: string; nextStep: string; subjects: string }[] {
  const groups = Map.groupBy(problems, ({ cause, nextStep }) => JSON.stringify([cause, nextStep]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const subjects = group.map(({ section, subject }) => subject || section).filter(Boolean);
    return { cause: first.cause, nextStep: first.nextStep, subjects: [...new Set(subjects)].join(", ") };
  });
}
