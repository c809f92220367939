import { z } from "zod";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { dumpState } from "./dump.ts";
import { faultsSchema, noFaults } from "./faults.ts";
import { resolvePrincipals } from "./principals.ts";
import type { Sandbox } from "./sandbox.ts";
import { applySeed } from "./seed.ts";
import { seedSchema } from "./seed-schema.ts";
import { type Cluster, emptyState } from "./state.ts";
import { issueToken } from "./tokens.ts";
import { AwsError } from "./wire/error.ts";
import type { WireRequest, WireResponse } from "./wire/http.ts";

export const controlPrefix = "/_sandbox/";

const tokenSchema = z.strictObject({
  namespace: z.string(),
  serviceAccount: z.string(),
  audience: z.string().default("sts.amazonaws.com"),
  /** Kubernetes asks for 600 at least; tests may want a token that is over already. */
  expirationSeconds: z.number().int().max(86_400).default(3600),
  podName: z.string().optional(),
});

const statementSchema = z.looseObject({ Effect: z.enum(["Allow", "Deny"]) });
const mutationSchema = z.strictObject({
  accountId: z.string(),
  kind: z.enum(["role-trust", "role-policy", "bucket-policy", "queue-policy", "key-policy"]),
  /** Role, bucket, queue, or the id of a key. */
  name: z.string(),
  /** Of an inline role policy. */
  policyName: z.string().optional(),
  document: z.looseObject({ Statement: z.union([z.array(statementSchema), statementSchema]) }),
});

type Handler = (sandbox: Sandbox, parameters: string[], request: WireRequest) => Promise<unknown> | unknown;

/** Method and path → handler. Groups of the pattern are the handler's parameters. */
const routes: [string, RegExp, Handler][] = [
  ["GET", /^health$/, () => ({ ok: true })],
  [
    "POST",
    /^seed$/,
    async (sandbox, _, request) => {
      await applySeed(sandbox, seedSchema.parse(bodyOf(request)));
      return { ok: true };
    },
  ],
  ["GET", /^state$/, (sandbox) => dumpState(sandbox)],
  [
    "POST",
    /^faults$/,
    (sandbox, _, request) => {
      sandbox.faults.set(faultsSchema.parse(bodyOf(request)));
      return { ok: true };
    },
  ],
  [
    "POST",
    /^reset$/,
    (sandbox) => {
      sandbox.state = emptyState();
      sandbox.faults.set(noFaults);
      sandbox.calls.clear();
      sandbox.onChange();
      return { ok: true };
    },
  ],
  [
    "POST",
    /^clusters\/([^/]+)\/([^/]+)\/([^/]+)\/tokens$/,
    async (sandbox, parameters, request) => {
      const { podName, ...wanted } = tokenSchema.parse(bodyOf(request));
      const cluster = clusterOf(sandbox, parameters);
      return { token: await issueToken(cluster, { ...wanted, ...(podName && { podName }) }, sandbox.now()) };
    },
  ],
  [
    "GET",
    /^clusters\/([^/]+)\/([^/]+)\/([^/]+)\/associations$/,
    (sandbox, parameters) =>
      Object.values(clusterOf(sandbox, parameters).associations)
        .filter((one) => sandbox.now() >= one.visibleAt)
        .map(({ namespace, serviceAccount, roleArn, targetRoleArn }) => ({
          namespace,
          serviceAccount,
          roleArn,
          targetRoleArn,
        })),
  ],
  [
    "GET",
    /^clusters$/,
    (sandbox) =>
      Object.values(sandbox.state.accounts).flatMap(({ id, clusters }) =>
        Object.values(clusters).map(({ region, name }) => ({ accountId: id, region, name })),
      ),
  ],
  ["GET", /^calls$/, (sandbox, _, request) => sandbox.calls.since(Number(request.query.get("since") ?? 0))],
  [
    "POST",
    /^mutate$/,
    (sandbox, _, request) => {
      mutate(sandbox, mutationSchema.parse(bodyOf(request)));
      sandbox.onChange();
      return { ok: true };
    },
  ],
];

/**
 * The sandbox's own API for tests and the demo. The server listens on the loopback only; a web page must not reach
 * it either, so requests with an Origin, or for another host name (DNS rebinding), are refused.
 */
export async function answerControl(sandbox: Sandbox, request: WireRequest): Promise<WireResponse> {
  const host = request.headers.host?.replace(/:\d+$/, "");
  if (request.headers.origin !== undefined || !["127.0.0.1", "localhost", "[::1]"].includes(host ?? "")) {
    return json(403, { error: "The control API takes no requests from web pages" });
  }
  const path = request.path.slice(controlPrefix.length);
  for (const [method, pattern, handler] of routes) {
    const match = method === request.method ? pattern.exec(path) : null;
    if (!match) continue;
    try {
      return json(200, await handler(sandbox, match.slice(1).map(decodeURIComponent), request));
    } catch (error) {
      if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
      if (error instanceof AwsError) return json(error.status, { error: error.message });
      throw error;
    }
  }
  return json(404, { error: `No ${request.method} ${request.path}` });
}

function json(status: number, value: unknown): WireResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function bodyOf(request: WireRequest): unknown {
  try {
    return JSON.parse(request.body.toString("utf8") || "{}");
  } catch {
    throw new AwsError("BadRequest", "The body is not JSON");
  }
}

function clusterOf(sandbox: Sandbox, [accountId = "", region, name]: string[]): Cluster {
  const cluster = sandbox.account(accountId)?.clusters[`${region}/${name}`];
  if (!cluster) throw new AwsError("NotFound", `No cluster ${accountId}/${region}/${name}`, 404);
  return cluster;
}

/** Puts a document in place of a stored one, at once and unchecked: tests break documents on purpose. */
function mutate(sandbox: Sandbox, wanted: z.output<typeof mutationSchema>): void {
  // Unchecked by intention; the evaluator copes with any shape.
  const given = wanted.document as unknown as PolicyDocument;
  const resolved = resolvePrincipals(sandbox, given, true);
  const document = resolved.ok ? resolved.document : given;
  const now = sandbox.now();
  const account = sandbox.account(wanted.accountId);
  const missing = new AwsError("NotFound", `No ${wanted.kind} ${wanted.name} in ${wanted.accountId}`, 404);
  if (!account) throw missing;
  if (wanted.kind === "bucket-policy") {
    const bucket = sandbox.state.buckets[wanted.name];
    if (bucket?.accountId !== wanted.accountId) throw missing;
    bucket.policy = document;
    return;
  }
  if (wanted.kind === "queue-policy") {
    const queues = Object.values(account.queues).filter((queue) => queue.name === wanted.name);
    if (queues.length === 0) throw missing;
    for (const queue of queues) queue.policy = document;
    return;
  }
  if (wanted.kind === "key-policy") {
    const keys = Object.values(account.keys ?? {}).filter((key) => key.id === wanted.name);
    if (keys.length === 0) throw missing;
    for (const key of keys) key.policy = document;
    return;
  }
  const role = account.roles[wanted.name.toLowerCase()];
  if (!role) throw missing;
  const held = { value: document, visibleAt: now, previous: null };
  if (wanted.kind === "role-trust") role.trust = held;
  else if (wanted.policyName) role.inline[wanted.policyName] = held;
  else throw new AwsError("BadRequest", "policyName is missing");
}
