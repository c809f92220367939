import type { GrantProposal, Submission } from "#lib/model/submission.ts";
import { type ClusterRef, namespaceSchema, serviceAccountSchema } from "#lib/model/workload.ts";
import { customOf } from "./custom/custom-values.ts";
import type { FormOptions } from "./types.ts";
import {
  accountOf,
  clusterOf,
  clusterRef,
  expiryOf,
  type FormValues,
  prefixOf,
  resolveTarget,
  type TargetValues,
} from "./values.ts";

/** The form as far as it is filled in: what the preview is made of. */
export interface PartialSubmission {
  cluster: ClusterRef;
  /** Empty while there is none, or none that Kubernetes would take. */
  namespace: string;
  serviceAccount: string;
  /** In the form's order; null for a target that is not chosen yet. */
  grants: (GrantProposal | null)[];
}

function proposalOf(target: TargetValues, options: FormOptions, now: number): GrantProposal | null {
  const resolved = resolveTarget(target.text, options);
  const accountId = accountOf(target, resolved);
  const expiresAt = expiryOf(target, now);
  if (resolved.arn === null || accountId === null || expiresAt === undefined) return null;
  const subResource = resolved.service?.subResource ? prefixOf(target) : "";
  const custom =
    target.level === "custom" ? customOf(target.custom, resolved.service?.id, subResource) : undefined;
  if (custom === null) return null;
  return {
    target: { arn: resolved.arn, accountId },
    level: target.level,
    ...(custom ? { custom } : {}),
    subResource: subResource === "" ? null : subResource,
    pattern: target.pattern,
    expiresAt,
  };
}

/** Null while the cluster or every target is missing: there is nothing to show yet. */
export function partialSubmission(
  values: FormValues,
  options: FormOptions,
  now: number,
): PartialSubmission | null {
  const cluster = clusterOf(values.cluster, options);
  const grants = values.grants.map((target) => proposalOf(target, options, now));
  if (!cluster || grants.every((grant) => grant === null)) return null;
  return {
    cluster: clusterRef(cluster),
    namespace: namespaceSchema.safeParse(values.namespace).success ? values.namespace : "",
    serviceAccount: serviceAccountSchema.safeParse(values.serviceAccount).success
      ? values.serviceAccount
      : "",
    grants,
  };
}

/** The whole of a form that its schema has accepted. */
export function submissionOf(values: FormValues, options: FormOptions, now: number): Submission {
  const cluster = clusterOf(values.cluster, options);
  if (!cluster) throw new TypeError("The form was submitted without a cluster.");
  return {
    workload: {
      cluster: clusterRef(cluster),
      namespace: values.namespace,
      serviceAccount: values.serviceAccount,
    },
    grants: values.grants.flatMap((target) => proposalOf(target, options, now) ?? []),
    reason: values.reason,
  };
}
