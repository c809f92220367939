import { Callout } from "#components/ui/callout.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import type { GrantRow } from "#lib/db/queries/views/grant.ts";
import type { RequestView } from "#lib/db/queries/views/request.ts";

interface GrantedNoticeProps {
  request: Pick<RequestView, "number" | "change" | "proof">;
  grant: GrantRow;
}

/** What one can do with access that the request made or changed; nothing while a change of it is on its way. */
export function GrantedNotice({ request, grant }: GrantedNoticeProps) {
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
  if (grant.trouble !== null)
    return (
      <Callout
        tone="warn"
        title={`The access to ${grant.target.name} was made, and something is wrong with it by now`}
        actions={
          <LinkButton href={`/access/${grant.id}`} size="sm">
            See the access
          </LinkButton>
        }
      />
    );
  const dependsOn = dependenceOf(request.proof, grant.id);
  return (
    <Callout
      tone={dependsOn.length > 0 ? "neutral" : "success"}
      title={request.change ? titleOf(request.change.kind) : madeWords(grant.target.name, dependsOn)}
      actions={
        <LinkButton href={`/access/${grant.id}`} size="sm">
          {request.change ? "See the access" : "Connect your workload"}
        </LinkButton>
      }
    />
  );
}

/** What only a call shows: whether the conditions of the access hold. */
function dependenceOf(proof: RequestView["proof"], id: string): string[] {
  const rows = proof.find(({ grantId }) => grantId === id)?.rows ?? [];
  const open = rows.filter(({ who, outcome }) => who === "workload" && outcome === "unknown");
  return [...new Set(open.flatMap(({ dependsOn }) => dependsOn))];
}

function madeWords(target: string, dependsOn: readonly string[]): string {
  if (dependsOn.length === 0) return `${target} can be reached now`;
  return `The access to ${target} is made; whether all of it works depends on ${new Intl.ListFormat("en").format(dependsOn)}`;
}

function titleOf(kind: NonNullable<RequestView["change"]>["kind"]): string {
  return kind === "renew" ? "The access is renewed" : "The access is changed";
}
