import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { type ClusterRef, clusterRefSchema } from "#lib/model/workload.ts";

/** What of the portal's YAML decides who a pod is and what it tries. Nothing else is known to the played pod. */
export interface PodManifest {
  cluster: ClusterRef;
  namespace: string;
  serviceAccount: string;
  /** Of the ServiceAccount. */
  annotations: Record<string, string>;
  /** Of the Job's container. */
  env: Record<string, string>;
  /** Path of a mounted file → its text. */
  files: Record<string, string>;
}

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default("default"),
  annotations: z.record(z.string(), z.string()).default({}),
});
const serviceAccountSchema = z.object({ kind: z.literal("ServiceAccount"), metadata });
const configMapSchema = z.object({
  kind: z.literal("ConfigMap"),
  metadata,
  data: z.record(z.string(), z.string()).default({}),
});
const jobSchema = z.object({
  kind: z.literal("Job"),
  metadata,
  spec: z.object({
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string(),
        containers: z
          .array(
            z.object({
              env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
              volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
            }),
          )
          .min(1),
        volumes: z
          .array(z.object({ name: z.string(), configMap: z.object({ name: z.string() }).optional() }))
          .default([]),
      }),
    }),
  }),
});

/** Reads a multi-document manifest. @throws Error that says what is missing */
export function parseManifest(text: string): PodManifest {
  const documents: unknown[] = parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0)
      throw new Error(`The manifest is not YAML: ${document.errors[0]?.message}`);
    return document.toJS() as unknown;
  });
  if (!documents.some((document) => kindOf(document) === "Job"))
    throw new Error("The manifest has no Job: nothing of this access can be tried without leaving traces.");
  const job = only(documents, "Job", jobSchema);
  const pod = job.spec.template.spec;
  const account = only(documents, "ServiceAccount", serviceAccountSchema);
  const { namespace } = job.metadata;
  if (account.metadata.name !== pod.serviceAccountName || account.metadata.namespace !== namespace) {
    throw new Error("The Job does not run as the ServiceAccount of the manifest.");
  }
  const configMaps = documents.flatMap((document) => {
    const read = configMapSchema.safeParse(document);
    return read.success ? [read.data] : [];
  });
  const [container] = pod.containers;
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
  const files: Record<string, string> = {};
  for (const mount of container?.volumeMounts ?? []) {
    const mapName = pod.volumes.find((volume) => volume.name === mount.name)?.configMap?.name;
    const map = configMaps.find(
      (one) => one.metadata.name === mapName && one.metadata.namespace === namespace,
    );
    if (mapName !== undefined && !map) throw new Error(`The ConfigMap ${mapName} is not in the manifest.`);
    for (const [key, content] of Object.entries(map?.data ?? {}))
      files[`${mount.mountPath}/${key}`] = content;
  }
  return {
    cluster: clusterOf(env.DRAWBRIDGE_CLUSTER),
    namespace,
    serviceAccount: pod.serviceAccountName,
    annotations: account.metadata.annotations,
    env,
    files,
  };
}

function kindOf(document: unknown): unknown {
  return typeof document === "object" && document !== null && "kind" in document ? document.kind : undefined;
}

function only<T>(documents: unknown[], kind: string, schema: z.ZodType<T>): T {
  const found = documents.filter((document) => kindOf(document) === kind);
  if (found.length !== 1)
    throw new Error(`The manifest has ${found.length} documents of kind ${kind}, not one.`);
  const read = schema.safeParse(found[0]);
  if (!read.success) throw new Error(`The ${kind} is not what was expected. ${z.prettifyError(read.error)}`);
  return read.data;
}

function clusterOf(text = ""): ClusterRef {
  const [accountId, region, name] = text.split("/");
  const read = clusterRefSchema.safeParse({ accountId, region, name });
  if (!read.success) throw new Error("The Job's DRAWBRIDGE_CLUSTER is not account/region/name.");
  return read.data;
}
