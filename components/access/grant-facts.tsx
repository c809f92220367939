import { CustomPermissionsList } from "#components/access/custom-permissions.tsx";
import { Expires } from "#components/access/verified.tsx";
import { Copyable } from "#components/ui/copyable.tsx";
import { KeyValueList } from "#components/ui/key-value.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { levelWord } from "#lib/model/access-words.ts";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";
import type { GrantState } from "#lib/model/states.ts";
import type { Workload } from "#lib/model/workload.ts";

export type GrantFactsProps = {
  grant: {
    id: string;
    state: GrantState;
    requestNumber: number;
    workload: Workload;
    owner: { name: string };
    activatedAt: string | null;
    revokedAt: string | null;
    expiresAt: string | null;
    target: {
      arn: string;
      level: AccessLevel;
      custom?: CustomPermissions;
      levelMeans: string;
      patternTitle: string;
    };
  };
  access: WorkloadAccess | null;
  now: string;
};

/** What one looks up about a grant. */
export function GrantFacts({ grant, access, now }: GrantFactsProps) {
  const { workload, target } = grant;
  const own = access?.grants.find((one) => one.grant.id === grant.id);
  const profile = access?.profiles.find((one) => one.name === own?.profile);
  return (
    <KeyValueList
      layout="rows"
      className="[&_dl>div]:block [&_dt]:mb-0.5"
      items={[
        {
          label: "May",
          value: target.custom ? (
            <CustomPermissionsList custom={target.custom} />
          ) : (
            `${levelWord(target)}: ${lowerFirst(target.levelMeans)}`
          ),
        },
        { label: "Target", value: <Copyable text={target.arn} what="target ARN" /> },
        ...(access
          ? [{ label: access.identityTitle, value: <Copyable text={access.roleArn} what="role ARN" /> }]
          : []),
        ...(profile
          ? [{ label: "Reached through", value: <Copyable text={profile.roleArn} what="chained role ARN" /> }]
          : []),
        { label: "Pattern", value: target.patternTitle },
        ...(access
          ? [{ label: "Session", value: <Session access={access} profile={own?.profile ?? null} /> }]
          : []),
        {
          label: "Service account",
          value: `${workload.namespace}/${workload.serviceAccount} on ${workload.cluster.name}, ${workload.cluster.region}`,
        },
        {
          label: grant.revokedAt ? "Active from" : "Active since",
          value: grant.activatedAt ? (
            <Timestamp value={grant.activatedAt} now={now} show="both" />
          ) : (
            "Not yet"
          ),
        },
        grant.revokedAt
          ? {
              label: "Revoked",
              value: <Timestamp value={grant.revokedAt} now={now} show="both" />,
            }
          : {
              label: "Expires",
              value:
                grant.expiresAt === null ? (
                  <Expires at={null} now={now} ended={false} />
                ) : (
                  <Timestamp value={grant.expiresAt} now={now} show="both" />
                ),
            },
        {
          label: "Asked for by",
          value: grant.owner.name,
        },
        {
          label: "Approved in",
          value: (
            <TextLink href={`/requests/${grant.requestNumber}`}>request #{grant.requestNumber}</TextLink>
          ),
        },
        { label: "Id", value: <Copyable text={grant.id} what="grant id" /> },
      ]}
    />
  );
}

/** How the SDK gets its credentials, in a sentence. */
function Session({ access, profile }: { access: WorkloadAccess; profile: string | null }) {
  const from =
    access.source === "web-identity" ? "From the service account's token" : "From the EKS Pod Identity Agent";
  if (profile === null) return <>{from}; the SDKs' default credentials</>;
  return (
    <>
      {from}, then the profile <code className="font-mono text-sm">{profile}</code>
      {access.profiles.some((one) => one.name === profile && one.isDefault) &&
        ", which is the default as well"}
    </>
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
