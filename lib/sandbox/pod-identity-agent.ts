import { decodeJwt, errors as joseErrors } from "jose";
import { accountIdOf, assume, audiences } from "./assume.ts";
import { type Caller, serviceCaller, sessionCaller } from "./callers.ts";
import type { Sandbox } from "./sandbox.ts";
import { externalIdOf } from "./services/eks-associations.ts";
import type { Association, Cluster, Session } from "./state.ts";
import { type ServiceAccountClaims, verifyToken } from "./tokens.ts";
import { AwsError } from "./wire/error.ts";
import type { WireRequest, WireResponse } from "./wire/http.ts";

export const agentPath = "/_pod-identity/v1/credentials";

/** The audience of the tokens that the EKS webhook mounts for the agent. */
export const agentAudience = "pods.eks.amazonaws.com";

/**
 * The EKS Pod Identity agent: a service account's token in, credentials of its association's role out.
 * Source: EKS User Guide, "Understand how EKS Pod Identity works"; EKS Auth API, AssumeRoleForPodIdentity.
 */
export async function answerAgent(sandbox: Sandbox, request: WireRequest): Promise<WireResponse> {
  const log = { operation: "AssumeRoleForPodIdentity", caller: null as Caller | null };
  const respond = (status: number, body: object, errorCode: string | null): WireResponse => {
    const requestId = crypto.randomUUID();
    sandbox.calls.add({
      time: new Date(sandbox.now()).toISOString(),
      accountId: log.caller?.accountId ?? null,
      service: "eks-auth",
      operation: log.operation,
      callerArn: log.caller?.arn ?? null,
      status,
      errorCode,
      requestId,
    });
    const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
    return { status, headers, body: JSON.stringify(body) };
  };
  try {
    const session = await sessionFor(sandbox, request.headers.authorization ?? "");
    log.caller = sessionCaller(sandbox, session);
    sandbox.onChange();
    return respond(
      200,
      {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        Token: session.sessionToken,
        Expiration: new Date(session.expiresAt).toISOString(),
        AccountId: session.accountId,
      },
      null,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return respond(error.status, { Code: error.code, Message: error.message }, error.code);
  }
}

async function sessionFor(sandbox: Sandbox, token: string): Promise<Session> {
  const { cluster, claims } = await verified(sandbox, token);
  const { namespace = "", serviceaccount, pod } = claims["kubernetes.io"] ?? {};
  const serviceAccount = serviceaccount?.name ?? "";
  const association = associationOf(sandbox, cluster, namespace, serviceAccount);
  if (!association) {
    throw new AwsError(
      "ResourceNotFoundException",
      `No pod identity association for service account ${serviceAccount} in namespace ${namespace}`,
      404,
    );
  }
  const podName = pod?.name ?? "";
  const tags = {
    "eks-cluster-arn": cluster.arn,
    "eks-cluster-name": cluster.name,
    "kubernetes-namespace": namespace,
    "kubernetes-service-account": serviceAccount,
    "kubernetes-pod-name": podName,
    "kubernetes-pod-uid": pod?.uid ?? "",
  };
  const sessionName = `eks-${cluster.name.slice(0, 20)}-${podName.slice(0, 30)}-${crypto.randomUUID().slice(0, 8)}`;
  return openSessions(sandbox, cluster, association, sessionName, association.disableSessionTags ? {} : tags);
}

/** The association's role as the EKS service, then the target role as that session. */
function openSessions(
  sandbox: Sandbox,
  cluster: Cluster,
  association: Association,
  sessionName: string,
  tags: Record<string, string>,
): Session {
  const facts = { region: cluster.region, userAgent: "eks-pod-identity-agent" };
  const source = assume(sandbox, serviceCaller(agentAudience), facts, {
    action: "sts:AssumeRole",
    roleArn: association.roleArn,
    sessionName,
    durationSeconds: 3600,
    tags,
    transitiveTagKeys: Object.keys(tags),
    context: { "aws:SourceArn": cluster.arn, "aws:SourceAccount": accountIdOf(cluster.arn) },
  });
  if (!association.targetRoleArn) return source;
  return assume(sandbox, sessionCaller(sandbox, source), facts, {
    action: "sts:AssumeRole",
    roleArn: association.targetRoleArn,
    sessionName,
    durationSeconds: 3600,
    tags: {},
    transitiveTagKeys: [],
    // With session tags on, the tags name the workload; the external id stands in for them only when they are off.
    ...(association.disableSessionTags && { externalId: externalIdOf(cluster, association) }),
  });
}

function associationOf(
  sandbox: Sandbox,
  cluster: Cluster,
  namespace: string,
  serviceAccount: string,
): Association | undefined {
  return Object.values(cluster.associations).find(
    (one) =>
      one.namespace === namespace && one.serviceAccount === serviceAccount && sandbox.now() >= one.visibleAt,
  );
}

async function verified(
  sandbox: Sandbox,
  token: string,
): Promise<{ cluster: Cluster; claims: ServiceAccountClaims }> {
  const refuse = (message: string) => new AwsError("InvalidTokenException", message, 400);
  try {
    const issuer = decodeJwt(token).iss?.replace(/^https:\/\//, "");
    const cluster = Object.values(sandbox.state.accounts)
      .flatMap((account) => Object.values(account.clusters))
      .find((one) => one.issuer === issuer);
    if (!cluster) throw refuse("The token's issuer is not a cluster's");
    const claims = await verifyToken(cluster, token, sandbox.now());
    if (!audiences(claims.aud).includes(agentAudience))
      throw refuse("The token's audience is not pods.eks.amazonaws.com");
    return { cluster, claims };
  } catch (error) {
    if (error instanceof joseErrors.JWTExpired)
      throw new AwsError("ExpiredTokenException", "The token has expired", 400);
    if (error instanceof joseErrors.JOSEError) throw refuse("The token is not valid");
    throw error;
  }
}
