import { identityProfileName } from "#lib/desired/names.ts";
import type { Profile, WorkloadAccess } from "#lib/desired/workload-access.ts";

/** Where the EKS webhook mounts the pod's token for IAM. Source: amazon-eks-pod-identity-webhook. */
const tokenFile = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/** One section of an INI file: its header and its keys in order. */
export interface IniSection {
  header: string;
  values: Record<string, string>;
}

/**
 * All that may stand in a header or value. The writer has no escapes, as the SDKs' parsers have none: a line break
 * would begin a new key, `[` a new section, `#` or `;` a comment.
 */
const allowed = /^[A-Za-z0-9_+=,.@:/-]+(?: [A-Za-z0-9_+=,.@:/-]+)*$/;

function checked(text: string, what: string): string {
  if (!allowed.test(text)) throw new RangeError(`AWS config: ${what} has characters that it may not have.`);
  return text;
}

/** Writes an INI file. Throws RangeError when a header, key or value has a character outside the allow-list. */
export function writeIni(sections: readonly IniSection[]): string {
  return sections
    .map(({ header, values }) => {
      const lines = Object.entries(values).map(
        ([key, value]) => `${checked(key, "a key")} = ${checked(value, key)}\n`,
      );
      return `[${checked(header, "a profile's name")}]\n${lines.join("")}`;
    })
    .join("\n");
}

/**
 * The sections of the pod's AWS config; none when the default credentials are all it needs. Every chained role is a
 * named profile whose name never changes; it is the default one as well only where the workload began so.
 *
 * From a web identity the chain starts at a profile of its own. From Pod Identity it starts at the container's
 * credentials (ruling 2), and there is no token file.
 */
export function awsConfigSections(access: WorkloadAccess): IniSection[] {
  const { profiles, source, roleArn } = access;
  const [first] = profiles;
  if (!first) return [];
  const defaults = profiles.filter((profile) => profile.isDefault);
  const identity: IniSection = {
    header: `profile ${identityProfileName}`,
    values: {
      ...(source === "web-identity" ? { role_arn: roleArn, web_identity_token_file: tokenFile } : {}),
      region: first.region,
    },
  };
  const needsIdentity = source === "web-identity" || defaults.length > 0;
  return [
    ...defaults.map((profile) => chained("default", profile, source)),
    ...(needsIdentity ? [identity] : []),
    ...profiles.map((profile) => chained(`profile ${profile.name}`, profile, source)),
  ];
}

function chained(header: string, profile: Profile, source: WorkloadAccess["source"]): IniSection {
  return {
    header,
    values: {
      role_arn: profile.roleArn,
      ...(source === "web-identity"
        ? { source_profile: identityProfileName }
        : { credential_source: "EcsContainer" }),
      external_id: profile.externalId,
      region: profile.region,
    },
  };
}

/** The AWS config file of the workload's pods; null when they need none. */
export function awsConfig(access: WorkloadAccess): string | null {
  const sections = awsConfigSections(access);
  return sections.length > 0 ? writeIni(sections) : null;
}
