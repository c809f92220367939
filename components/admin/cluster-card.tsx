import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Section } from "#components/ui/card.tsx";
import { Copyable } from "#components/ui/copyable.tsx";
import { KeyValueList } from "#components/ui/key-value.tsx";
import { StatusBadge } from "#components/ui/status-badge.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { Tone } from "#components/ui/tone.ts";
import { deletedCluster } from "#lib/model/cluster.ts";

export type ClusterFacts = {
  accountId: string;
  region: string;
  name: string;
  accountName: string;
  issuer: string | null;
  status: string;
  podIdentityAgent: boolean;
  seenAt: string | null;
  liveGrants: number;
};

/** EKS's own states, and what the inventory says of one that is not there any more. */
const statuses: Record<string, { label: string; tone: Tone }> = {
  ACTIVE: { label: "Active", tone: "success" },
  CREATING: { label: "Being created", tone: "info" },
  UPDATING: { label: "Updating", tone: "info" },
  DELETING: { label: "Being deleted", tone: "warn" },
  FAILED: { label: "Failed", tone: "danger" },
  [deletedCluster]: { label: "Deleted in AWS", tone: "danger" },
  UNKNOWN: { label: "Not seen yet", tone: "neutral" },
};

export type ClusterCardProps = {
  cluster: ClusterFacts;
  now: string;
  /** What the reader may do with it. */
  actions: ReactNode;
  /** Its namespaces and their owners. */
  children: ReactNode;
};

export function ClusterCard({ cluster, now, actions, children }: ClusterCardProps) {
  const { label, tone } = statuses[cluster.status] ?? { label: cluster.status, tone: "neutral" };
  return (
    <Section
      title={cluster.name}
      meta={<StatusBadge label={label} tone={tone} />}
      description={`${cluster.accountName} · ${cluster.region}`}
      actions={
        <>
          {cluster.seenAt && (
            <span className="text-sm text-ink-muted">
              Seen <Timestamp value={cluster.seenAt} now={now} />
            </span>
          )}
          {actions}
        </>
      }
    >
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        <KeyValueList
          items={[
            {
              label: "OIDC issuer",
              value:
                cluster.issuer === null ? (
                  <span className="text-ink-muted">Not known until EKS has been asked</span>
                ) : (
                  <Copyable text={cluster.issuer} what="OIDC issuer" />
                ),
            },
            {
              label: "Pod Identity Agent",
              value:
                cluster.seenAt === null ? (
                  <span className="text-ink-muted">Not known until EKS has been asked</span>
                ) : (
                  <Agent installed={cluster.podIdentityAgent} />
                ),
            },
            {
              label: "Account",
              value: (
                <>
                  <TextLink href={`/admin/accounts/${cluster.accountId}`}>{cluster.accountName}</TextLink>{" "}
                  <span className="font-mono text-xs text-ink-muted">{cluster.accountId}</span>
                </>
              ),
            },
            {
              label: "Live access",
              value:
                cluster.liveGrants > 0 ? (
                  <TextLink href={`/access?q=${encodeURIComponent(cluster.name)}`}>
                    {cluster.liveGrants}
                  </TextLink>
                ) : (
                  "None"
                ),
            },
          ]}
        />
        <div className="min-w-0">
          <h3 className="mb-1.5 text-sm text-ink-muted">Namespace owners</h3>
          {children}
        </div>
      </div>
    </Section>
  );
}

function Agent({ installed }: { installed: boolean }) {
  const Icon = installed ? CircleCheck : CircleX;
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon
        aria-hidden="true"
        className={`size-3.5 shrink-0 ${installed ? "text-success-ink" : "text-ink-faint"}`}
      />
      {installed ? "Installed" : "Not installed, so Pod Identity is not offered"}
    </span>
  );
}
