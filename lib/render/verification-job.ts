import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { clusterKey } from "#lib/model/workload.ts";
import { awsConfigMount } from "./pod.ts";
import { verificationScript } from "./verification-script.ts";
import type { JsonObject } from "./yaml.ts";

/** The AWS CLI on Amazon Linux 2023, which has sh, sed and curl. Pinned: a Job must do tomorrow what it did today. */
export const defaultImage = "public.ecr.aws/aws-cli/aws-cli:2.36.46";

/** Any user but root; it owns the mounted token through `fsGroup`. */
const userId = 65_532;

export interface VerificationOptions {
  /** The grant to verify. */
  grantId: string;
  /** Where the Job posts its report; without it, the report is in its log only. */
  reportUrl?: string;
  /** The image of the AWS CLI, for clusters that pull from a mirror. */
  image?: string;
}

/** What the Job tries: one of the grant's checks with the credentials to use. */
export interface JobCheck {
  operation: string;
  resource: string;
  profile: string | null;
  region: string;
}

/**
 * What the script's way of reading the checks rests on: no quote, backslash, brace or `$`. The compiler's own
 * values all pass; a value that does not is a bug or an attack, so nothing is rendered.
 */
const checkValue = /^[A-Za-z0-9:/._=+@-]+$/;
const imagePattern = /^[a-z0-9][A-Za-z0-9.:_/@-]*$/;
/** Without `$`, which Kubernetes would expand in an environment variable, and without quotes or spaces. */
const urlPattern = /^https?:\/\/[A-Za-z0-9:/?&=._~%+@,;!*#[\]-]+$/;

function checked(text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text))
    throw new RangeError(`Verification Job: ${what} has characters that it may not have.`);
  return text;
}

/** Whether there is something of the grant that a pod can try without leaving traces. */
export function canBeTried(access: WorkloadAccess, grantId: string): boolean {
  return access.grants.some(({ grant, checks }) => grant.id === grantId && checks.length > 0);
}

/** The checks of one grant. Throws RangeError when the workload has no such grant or a value is not plain. */
export function jobChecks(access: WorkloadAccess, grantId: string): JobCheck[] {
  const found = access.grants.find(({ grant }) => grant.id === grantId);
  if (!found) throw new RangeError(`The workload has no grant ${grantId}.`);
  return found.checks.map(({ operation, resource }) => ({
    operation: checked(operation, checkValue, "an operation"),
    resource: checked(resource, checkValue, "a resource"),
    profile: found.profile === null ? null : checked(found.profile, checkValue, "a profile"),
    region: checked(found.region, checkValue, "a Region"),
  }));
}

/** A Job that runs as the workload's service account, tries what the grant allows and reports what happened. */
export function verificationJob(access: WorkloadAccess, options: VerificationOptions): JsonObject {
  const { workload } = access;
  const { reportUrl, grantId } = options;
  const checks = jobChecks(access, grantId);
  const mount = awsConfigMount(access);
  const labels = { "app.kubernetes.io/name": "drawbridge-check", "app.kubernetes.io/instance": grantId };
  const env = [
    { name: "DRAWBRIDGE_CLUSTER", value: clusterKey(workload.cluster) },
    { name: "DRAWBRIDGE_CHECKS", value: JSON.stringify(checks) },
    ...(reportUrl
      ? [{ name: "DRAWBRIDGE_REPORT_URL", value: checked(reportUrl, urlPattern, "the URL") }]
      : []),
    { name: "AWS_REGION", value: workload.cluster.region },
    ...mount.env,
  ];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `drawbridge-check-${grantId}`, namespace: workload.namespace, labels },
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 3_600,
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: workload.serviceAccount,
          restartPolicy: "Never",
          // AWS credentials come by a volume of their own; the Kubernetes API is not needed.
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: userId,
            runAsGroup: userId,
            fsGroup: userId,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "check",
              image: checked(options.image ?? defaultImage, imagePattern, "the image"),
              command: ["/bin/sh", "-c", verificationScript],
              env,
              resources: {
                requests: { cpu: "50m", memory: "128Mi" },
                limits: { cpu: "500m", memory: "256Mi" },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...mount.volumeMounts],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }, ...mount.volumes],
        },
      },
    },
  };
}
