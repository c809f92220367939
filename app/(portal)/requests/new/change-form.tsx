import { notFound } from "next/navigation";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import { RequestForm } from "#components/request-form/request-form.tsx";
import { changeValues } from "#components/request-form/values.ts";
import { LinkButton } from "#components/ui/link-button.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { formOptions } from "#lib/db/queries/form-options.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { changedAccess } from "../changed-access.ts";
import { previewChangeAction, searchTargetsAction, submitChangeAction } from "./actions.ts";

/** The form filled from a live grant, of which only level, part and end date may become others. */
export async function ChangeForm({
  actor,
  grantId,
  renewal,
}: {
  actor: Actor;
  grantId: string;
  renewal: boolean;
}) {
  const deps = webDeps();
  const [grant, options] = await Promise.all([grantView(deps, actor, grantId), formOptions(deps, actor)]);
  if (!grant) notFound();
  const { workload, target, spec } = grant;
  const now = deps.now();
  const verb = renewal ? "Renew" : "Change";
  return (
    <>
      <PageHeader
        breadcrumbs={[
          { label: "Access", href: "/access" },
          { label: grantId, href: `/access/${grantId}` },
        ]}
        title={`${verb} the access of ${workload.namespace}/${workload.serviceAccount} to ${target.name}`}
        description="It stays as it is until the owners of both accounts have approved, and active throughout."
      />
      {grant.may.change ? (
        <div className="grid gap-4">
          <RefusalList
            title="This access can't be changed now"
            refusals={[grant.may.change]}
            tone="warn"
            announce={false}
          />
          <div>
            <LinkButton href={`/access/${grantId}`}>Back to the access</LinkButton>
          </div>
        </div>
      ) : (
        <RequestForm
          options={options}
          now={now.toISOString()}
          initial={changeValues(spec, now.getTime(), options, renewal)}
          draftKey={`drawbridge.request.${actor.id}.${grantId}.${verb}.${grant.requestNumber}`}
          submitLabel="Submit request"
          changes={changedAccess(target, workload, renewal)}
          previewAction={previewChangeAction.bind(null, grantId)}
          searchAction={searchTargetsAction}
          submitAction={submitChangeAction.bind(null, grantId)}
        />
      )}
    </>
  );
}
