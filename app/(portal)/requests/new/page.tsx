import type { Metadata } from "next";
import { RequestForm } from "#components/request-form/request-form.tsx";
import { emptyValues } from "#components/request-form/values.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { formOptions } from "#lib/db/queries/form-options.ts";
import { grantIdSchema } from "#lib/model/grant.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { previewAction, searchTargetsAction, submitAction } from "./actions.ts";
import { ChangeForm } from "./change-form.tsx";

export const metadata: Metadata = { title: "New request" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** A form for new access or, with `?change=` or `?renew=` and the id of a grant, for another form of that one. */
export default async function NewRequestPage({ searchParams }: Props) {
  const { change, renew } = await searchParams;
  const grantId = grantIdSchema.safeParse(renew ?? change).data;
  if (grantId) {
    const from = `/requests/new?${renew ? "renew" : "change"}=${grantId}`;
    return <ChangeForm actor={await requireActor(from)} grantId={grantId} renewal={renew !== undefined} />;
  }
  const actor = await requireActor("/requests/new");
  const options = await formOptions(webDeps(), actor);
  return (
    <>
      <PageHeader
        title="New request"
        description="Access for a Kubernetes service account to a resource in any account."
      />
      {options.clusters.length === 0 ? (
        <EmptyState
          title="No cluster is registered yet"
          body="An admin registers the accounts and clusters first; then anyone can ask for access."
        />
      ) : (
        <RequestForm
          options={options}
          now={new Date().toISOString()}
          initial={emptyValues(options)}
          draftKey={`drawbridge.request.${actor.id}`}
          submitLabel="Submit request"
          previewAction={previewAction}
          searchAction={searchTargetsAction}
          submitAction={submitAction}
        />
      )}
    </>
  );
}
