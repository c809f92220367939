import { Callout } from "#components/ui/callout.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import type { GrantRow } from "#lib/db/queries/views/grant.ts";
import type { RequestView } from "#lib/db/queries/views/request.ts";

/** What one can do with access that the request made or changed; nothing while a change of it is on its way. */
export function GrantedNotice({
  request,
  grant,
}: {
  request: Pick<RequestView, "number" | "change">;
  grant: GrantRow;
}) {
  if (grant.state !== "active") return null;
  if (grant.requestNumber !== request.number)
    return (
      <Callout
        tone="neutral"
        title={`The access to ${grant.target.name} has another form by now`}
        actions={
          <LinkButton href={`/requests/${grant.requestNumber}`} size="sm">
            Request #{grant.requestNumber}
          </LinkButton>
        }
      >
        It rests on another approval than this one.
      </Callout>
    );
  if (grant.changeState !== null) return null;
  return (
    <Callout
      tone="success"
      title={request.change ? titleOf(request.change.kind) : `${grant.target.name} can be reached now`}
      actions={
        <LinkButton href={`/access/${grant.id}`} size="sm">
          {request.change ? "See the access" : "Connect your workload"}
        </LinkButton>
      }
    />
  );
}

function titleOf(kind: NonNullable<RequestView["change"]>["kind"]): string {
  return kind === "renew" ? "The access is renewed" : "The access is changed";
}
