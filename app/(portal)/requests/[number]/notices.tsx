import { RunCard } from "#components/runs/run-card.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card } from "#components/ui/card.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import type { RequestView } from "#lib/db/queries/views/request.ts";
import type { RunView } from "#lib/db/queries/views/run.ts";
import { RunActions } from "../../runs/[id]/run-actions.tsx";
import { GrantedNotice } from "./granted-notice.tsx";
import { isStale } from "./review-facts.ts";

type RequestNoticesProps = {
  request: RequestView;
  /** The last run, if it failed. */
  failed: RunView | null;
  now: string;
};

/** What one must know before reading on: what became of it, and what its readers have to do. */
export function RequestNotices({ request, failed, now }: RequestNoticesProps) {
  const [run] = request.runs;
  const decision = request.reviews.findLast(
    (review) => review.decision !== "approve" && review.version === request.version.number,
  );
  return (
    <div className="mb-6 space-y-3 empty:hidden">
      {run && (
        <Card className="grid gap-4">
          <RunCard run={run} now={now} />
          {failed && <RunActions run={failed} />}
        </Card>
      )}
      {request.granted.map((grant) => (
        <GrantedNotice key={grant.id} request={request} grant={grant} />
      ))}
      {isStale(request) && (
        <Callout tone="warn" title="What this would do has changed since it was sent">
          Accounts, clusters or other access of this service account are different now, so approving it would
          not do what version {request.version.number} says.{" "}
          {request.may.revise === null
            ? "Revise it: the new version starts from how things are today."
            : "Ask for changes, so that the requester sends a new version."}
        </Callout>
      )}
      {request.state === "changes_requested" && decision && (
        <Callout
          tone="warn"
          title={`${decision.person.name} asks for changes`}
          actions={
            request.may.revise === null && (
              <LinkButton href={`/requests/${request.number}/edit`} size="sm">
                Revise the request
              </LinkButton>
            )
          }
        >
          <p className="whitespace-pre-wrap">{decision.comment}</p>
        </Callout>
      )}
      {request.state === "rejected" && decision && (
        <Callout tone="danger" title={`${decision.person.name} rejected this`}>
          <p className="whitespace-pre-wrap">{decision.comment}</p>
        </Callout>
      )}
      {request.state === "lapsed" && (
        <Callout tone="neutral" title="The access that this was about was taken back before anybody decided">
          Ask for new access if it is still needed.
        </Callout>
      )}
    </div>
  );
}
