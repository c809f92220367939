import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RequestForm } from "#components/request-form/request-form.tsx";
import { valuesOf } from "#components/request-form/values.ts";
import { ErrorState } from "#components/ui/error-state.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { formOptions } from "#lib/db/queries/form-options.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { changedAccess } from "../../changed-access.ts";
import { previewAction, previewChangeAction, reviseAction, searchTargetsAction } from "../../new/actions.ts";

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Revise request ${(await params).number.slice(0, 10)}` };
}

/** The form filled from the current version; submitting makes the next one, which is reviewed afresh. */
export default async function ReviseRequestPage({ params }: Props) {
  const { number: text } = await params;
  if (!/^[1-9]\d{0,8}$/.test(text)) notFound();
  const number = Number(text);
  const actor = await requireActor(`/requests/${number}/edit`);
  const deps = webDeps();
  const [request, options] = await Promise.all([requestView(deps, actor, number), formOptions(deps, actor)]);
  if (!request) notFound();
  const { version, may, change } = request;
  return (
    <>
      <PageHeader
        breadcrumbs={[
          { label: "Requests", href: "/requests" },
          { label: `#${number}`, href: `/requests/${number}` },
        ]}
        title={`Revise request #${number}`}
        description="A revision is a new version: whoever approved the old one has to approve again."
      />
      {may.revise ? (
        <ErrorState
          thing="This request can't be revised"
          reason={may.revise.reason}
          nextStep={may.revise.nextStep}
          action={<LinkButton href={`/requests/${number}`}>Back to the request</LinkButton>}
        />
      ) : (
        <RequestForm
          options={options}
          now={new Date().toISOString()}
          initial={valuesOf(request.workload, request.grants, version.reason)}
          draftKey={`drawbridge.request.${actor.id}.${number}.${version.number}`}
          submitLabel={`Submit version ${version.number + 1}`}
          changes={change ? changedAccess(change.after, request.workload, false) : undefined}
          previewAction={change ? previewChangeAction.bind(null, change.grantId) : previewAction}
          searchAction={searchTargetsAction}
          submitAction={reviseAction.bind(null, number, version.number)}
        />
      )}
    </>
  );
}
