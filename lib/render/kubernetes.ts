import { stsAudience } from "#lib/desired/trust.ts";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { awsConfig } from "./aws-config.ts";
import { awsConfigMount, configMapName } from "./pod.ts";
import { canBeTried, type VerificationOptions, verificationJob } from "./verification-job.ts";
import { type Comments, type JsonObject, joinYaml, toYaml } from "./yaml.ts";

export { canBeTried, verificationJob } from "./verification-job.ts";
export { toYaml } from "./yaml.ts";

const labels = { "app.kubernetes.io/managed-by": "drawbridge" };

/**
 * The service account. With a web identity its annotations name the role; with Pod Identity there is none, because
 * the association on the cluster names it and an annotation would only mislead.
 *
 * Source: amazon-eks-pod-identity-webhook, "EKS Walkthrough": 86,400 s is the default and the maximum.
 */
export function serviceAccount(access: WorkloadAccess): JsonObject {
  const { workload, source, roleArn } = access;
  const annotations =
    source === "web-identity"
      ? {
          annotations: {
            "eks.amazonaws.com/role-arn": roleArn,
            "eks.amazonaws.com/audience": stsAudience,
            "eks.amazonaws.com/sts-regional-endpoints": "true",
            "eks.amazonaws.com/token-expiration": "86400",
          },
        }
      : {};
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: workload.serviceAccount, namespace: workload.namespace, ...annotations },
  };
}

/** The AWS config file as a ConfigMap; null when the default credentials are all that the workload needs. */
export function configMap(access: WorkloadAccess): JsonObject | null {
  const config = awsConfig(access);
  if (config === null) return null;
  const { namespace, serviceAccount: name } = access.workload;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: configMapName(name), namespace, labels },
    data: { config },
  };
}

/** The part of a Deployment that connects it, also as a patch: `kubectl patch deployment NAME --patch-file FILE`. */
export function podSnippet(access: WorkloadAccess): JsonObject {
  const { env, volumeMounts, volumes } = awsConfigMount(access);
  const pod: JsonObject = { serviceAccountName: access.workload.serviceAccount };
  if (env.length > 0) {
    pod.containers = [{ name: "app", env, volumeMounts }];
    pod.volumes = volumes;
  }
  return { spec: { template: { spec: pod } } };
}

/** The Deployment's part as YAML, with what only the reader can fill in said in comments. */
export function podSnippetYaml(access: WorkloadAccess): string {
  const named = access.profiles.filter((profile) => !profile.isDefault);
  const at: Comments["at"] = {};
  if (access.profiles.length > 0) {
    const advice = named.map(
      ({ name, accountId }) => `Set AWS_PROFILE=${name} to reach account ${accountId}.`,
    );
    at["spec.template.spec.containers.0.name"] = "The name of your own container.";
    if (advice.length > 0) at["spec.template.spec.containers.0.env"] = advice.join("\n");
  }
  return toYaml(podSnippet(access), { at });
}

export interface ManifestOptions extends VerificationOptions {
  /** When the access ends, RFC 3339; said in a comment. */
  expires?: string;
}

/**
 * All that a cluster needs for the workload, as YAML for `kubectl apply -f`: the service account, the AWS config
 * where there is one, and a Job that proves one grant, if anything of it can be tried.
 *
 * @throws RangeError when the grant is not the workload's, or a value has characters that its place can't hold
 */
export function renderManifest(access: WorkloadAccess, options: ManifestOptions): string {
  const { source } = access;
  const config = configMap(access);
  const ends = options.expires ? ` Access ends ${new Date(options.expires).toISOString()}.` : "";
  return joinYaml([
    toYaml(serviceAccount(access), {
      top:
        source === "web-identity"
          ? `Who your pods are: the annotation names their IAM role.${ends}\nRestart the pods after applying this.`
          : `Who your pods are. The Pod Identity association on the cluster names their IAM role.${ends}\nRestart the pods after applying this.`,
    }),
    ...(config
      ? [
          toYaml(config, {
            top: "The AWS config file: how the SDKs get from the pod's role to the other roles.",
          }),
        ]
      : []),
    ...(canBeTried(access, options.grantId)
      ? [
          toYaml(verificationJob(access, options), {
            top: "Tries the access from inside the cluster and reports the result. Removes itself after an hour.\nTo run it again: kubectl delete job of this name, then apply.",
          }),
        ]
      : []),
  ]);
}
