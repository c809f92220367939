import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { sha256Hex } from "#lib/model/digest.ts";
import { awsConfig } from "./aws-config.ts";
import type { JsonObject } from "./yaml.ts";

/** Where the AWS config file is mounted. */
const configFolder = "/etc/aws";
export const configPath = `${configFolder}/config`;

const volumeName = "aws-config";
const configSuffix = "-aws-config";

/** RFC 1123 subdomain: the longest name of a ConfigMap. */
const nameLimit = 253;

/** `<service account>-aws-config`; the longest service account names are cut, with a hash of the whole. */
export function configMapName(serviceAccount: string): string {
  const whole = `${serviceAccount}${configSuffix}`;
  if (whole.length <= nameLimit) return whole;
  const hash = sha256Hex(serviceAccount).slice(0, 16);
  // A part of a name can't end in a dot or hyphen before the next one begins.
  const cut = serviceAccount
    .slice(0, nameLimit - configSuffix.length - hash.length - 1)
    .replace(/[.-]+$/, "");
  return `${cut}-${hash}${configSuffix}`;
}

/** What a container needs to see the AWS config file; all empty when the workload needs none. */
export interface AwsConfigMount {
  env: { name: string; value: string }[];
  volumeMounts: JsonObject[];
  volumes: JsonObject[];
}

export function awsConfigMount(access: WorkloadAccess): AwsConfigMount {
  if (awsConfig(access) === null) return { env: [], volumeMounts: [], volumes: [] };
  return {
    env: [{ name: "AWS_CONFIG_FILE", value: configPath }],
    volumeMounts: [{ name: volumeName, mountPath: configFolder, readOnly: true }],
    volumes: [{ name: volumeName, configMap: { name: configMapName(access.workload.serviceAccount) } }],
  };
}
