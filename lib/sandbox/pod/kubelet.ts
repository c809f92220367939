import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ClusterRef } from "#lib/model/workload.ts";
import { agentAudience, agentPath } from "../pod-identity-agent.ts";
import type { ControlClient } from "./control-client.ts";
import type { PodManifest } from "./manifest.ts";

/** Where the webhook for IAM roles mounts the token. Source: amazon-eks-pod-identity-webhook. */
const webIdentityToken = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
/** Where the webhook for Pod Identity does. Source: EKS User Guide, "Configure pods to access AWS services". */
const agentToken = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token";

/** Who the pod is started as: the manifest's own service account, or an impostor. */
export interface PodPlace {
  cluster: ClusterRef;
  namespace: string;
  serviceAccount: string;
}

export interface StartedPod {
  /** All that the pod's process may see. */
  env: Record<string, string>;
  remove(): Promise<void>;
}

/**
 * What kubelet and the two EKS webhooks do to a pod: the token, the files and the environment. Absolute paths of
 * the pod lie in a private folder here, and texts that name them are rewritten. An association on the cluster
 * beats the role annotation (webhook source, `pkg/handler`).
 */
export async function startPod(
  manifest: PodManifest,
  place: PodPlace,
  control: ControlClient,
): Promise<StartedPod> {
  const root = await mkdtemp(join(tmpdir(), "drawbridge-pod-"));
  const inside = (path: string) => join(root, path);
  const put = async (path: string, text: string) => {
    await mkdir(dirname(inside(path)), { recursive: true });
    await writeFile(inside(path), text, { mode: 0o600 });
  };
  const relocate = (text: string) =>
    [...Object.keys(manifest.files), webIdentityToken, agentToken].reduce(
      (moved, path) => moved.replaceAll(path, inside(path)),
      text,
    );

  for (const [path, text] of Object.entries(manifest.files)) await put(path, relocate(text));
  const roleArn = manifest.annotations["eks.amazonaws.com/role-arn"];
  const credentials: Record<string, string> = {};
  if (await control.hasAssociation(place)) {
    await put(agentToken, await control.token(place, agentAudience));
    credentials.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${control.url}${agentPath}`;
    credentials.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = inside(agentToken);
  } else if (roleArn !== undefined) {
    const audience = manifest.annotations["eks.amazonaws.com/audience"] ?? "sts.amazonaws.com";
    await put(webIdentityToken, await control.token(place, audience));
    credentials.AWS_ROLE_ARN = roleArn;
    credentials.AWS_WEB_IDENTITY_TOKEN_FILE = inside(webIdentityToken);
  } else {
    // No association, no annotation: the agent is asked all the same, since the pod knows its address.
    await put(agentToken, await control.token(place, agentAudience));
    credentials.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${control.url}${agentPath}`;
    credentials.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = inside(agentToken);
  }
  const declared = Object.entries(manifest.env).map(([name, value]) => [name, relocate(value)]);
  return {
    env: {
      AWS_REGION: place.cluster.region,
      ...Object.fromEntries(declared),
      ...credentials,
      // Nothing of the machine that plays the pod may leak in: no home, no shared credentials, no metadata service.
      HOME: root,
      AWS_SHARED_CREDENTIALS_FILE: inside("/no-credentials"),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL: control.url,
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
