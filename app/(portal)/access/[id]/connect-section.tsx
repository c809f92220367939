import { ApplyUrl } from "#components/access/apply-url.tsx";
import { ConnectNotes, ConnectTabs } from "#components/access/connect.tsx";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import { Section } from "#components/ui/card.tsx";
import type { GrantView } from "#lib/db/queries/views/grant.ts";
import { webEnv } from "#lib/env.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Manifest } from "#lib/usecases/read-manifest.ts";
import { issueUrlAction } from "./actions.ts";

/** All that a developer needs to connect the workload. */
export function ConnectSection({ grant, manifest }: { grant: GrantView; manifest: Outcome<Manifest> }) {
  if (!manifest.ok)
    return grant.state === "revoking" ? null : (
      <Section title="Connect your workload">
        <RefusalList
          title="The manifest can't be made"
          refusals={manifest.refusals}
          announce={false}
          tone="warn"
        />
      </Section>
    );
  const { access, reportToken } = manifest.value;
  const { issueManifest } = grant.may;
  return (
    <Section
      title="Connect your workload"
      description={`Apply this to ${grant.workload.cluster.name}, then restart the pods.`}
    >
      <div className="space-y-6">
        <div className="rounded-lg border border-line bg-sunken p-4">
          {issueManifest ? (
            <p className="text-sm text-ink-muted">
              {issueManifest.reason} {issueManifest.nextStep}
            </p>
          ) : (
            <ApplyUrl issue={issueUrlAction.bind(null, grant.id)} />
          )}
        </div>
        <ConnectTabs
          access={access}
          grantId={grant.id}
          expiresAt={grant.expiresAt}
          reportUrl={reportToken ? new URL(`/api/reports/${reportToken}`, webEnv().APP_URL).href : undefined}
        />
        <ConnectNotes access={access} grantId={grant.id} />
      </div>
    </Section>
  );
}
