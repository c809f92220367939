import type { Hop } from "#lib/desired/patterns/pattern.ts";
import type { GrantAccess, WorkloadAccess } from "#lib/desired/workload-access.ts";
import { levelWord } from "#lib/model/access-words.ts";
import { parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant, PresetLevel } from "#lib/model/grant.ts";

const levelVerbs: Record<PresetLevel, string> = {
  read: "reads",
  write: "writes",
  "read-write": "reads and writes",
};

/** The way from the pod to one target, hop by hop, read off the desired resources. */
export function hopsOf(grantId: string, access: WorkloadAccess, resources: readonly CloudResource[]): Hop[] {
  const granted = access.grants.find(({ grant }) => grant.id === grantId);
  if (!granted) return [];
  const { cluster, namespace, serviceAccount } = access.workload;
  const pod: Hop = {
    icon: "pod",
    title: `${namespace}/${serviceAccount}`,
    subtitle: `service account on ${cluster.name}`,
    accountId: cluster.accountId,
    via: null,
  };
  const hops = [pod, ...entrance(access, resources), ...chain(access, granted), resource(granted)];
  return hops.map((hop, index) => ({
    ...hop,
    via: index === hops.length - 1 ? null : viaOf(hop, hops[index + 1], granted),
  }));
}

/** What turns the pod's token into the identity's role. */
function entrance(access: WorkloadAccess, resources: readonly CloudResource[]): Hop[] {
  const { cluster, namespace, serviceAccount } = access.workload;
  if (access.source === "web-identity") {
    const accountId = parseArn(access.roleArn)?.account ?? cluster.accountId;
    const provider = resources.find((one) => one.kind === "oidc-provider" && one.accountId === accountId);
    const subtitle = provider?.kind === "oidc-provider" ? provider.body.issuer : "";
    return [
      { icon: "provider", title: "OIDC provider", subtitle, accountId, via: null },
      role(access.roleArn),
    ];
  }
  const agent: Hop = {
    icon: "agent",
    title: "EKS Pod Identity Agent",
    subtitle: `on ${cluster.name}`,
    accountId: cluster.accountId,
    via: null,
  };
  const association = resources.find(
    (one) =>
      one.kind === "pod-identity-association" &&
      one.body.namespace === namespace &&
      one.body.serviceAccount === serviceAccount,
  );
  if (association?.kind !== "pod-identity-association") return [agent, role(access.roleArn)];
  const { roleArn, targetRoleArn } = association.body;
  return [agent, role(roleArn), ...(targetRoleArn ? [role(targetRoleArn)] : [])];
}

function chain(access: WorkloadAccess, granted: GrantAccess): Hop[] {
  const profile = access.profiles.find((one) => one.name === granted.profile);
  return profile ? [role(profile.roleArn)] : [];
}

function role(arn: string): Hop {
  const parsed = parseArn(arn);
  return {
    icon: "role",
    title: parsed?.resource.split("/").at(-1) ?? arn,
    subtitle: arn,
    accountId: parsed?.account ?? "",
    via: null,
  };
}

function resource({ grant, name }: GrantAccess): Hop {
  return {
    icon: "resource",
    title: grant.subResource ? `${name}/${grant.subResource}` : name,
    subtitle: grant.target.arn,
    accountId: grant.target.accountId,
    via: null,
  };
}

/** How the next hop is reached. */
function viaOf(hop: Hop, next: Hop | undefined, granted: GrantAccess): string {
  if (next?.icon === "resource") return use(granted.grant);
  if (hop.icon === "pod") return next?.icon === "provider" ? "service account token" : "asks for credentials";
  if (hop.icon === "provider") return "AssumeRoleWithWebIdentity";
  return hop.icon === "agent" ? "AssumeRoleForPodIdentity" : "AssumeRole";
}

function use(grant: Grant): string {
  return grant.level === "custom" ? levelWord(grant) : levelVerbs[grant.level];
}
