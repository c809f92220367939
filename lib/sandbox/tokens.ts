import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Cluster } from "./state.ts";

export interface TokenRequest {
  namespace: string;
  serviceAccount: string;
  audience: string;
  expirationSeconds: number;
  podName?: string;
}

/** The claims a service account's token has, as far as AWS reads them. */
export interface ServiceAccountClaims extends JWTPayload {
  "kubernetes.io"?: {
    namespace?: string;
    serviceaccount?: { name?: string; uid?: string };
    pod?: { name?: string; uid?: string };
  };
}

/** A cluster's key pair, with the private part: it never leaves the state file. */
export async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg: "RS256", kid: crypto.randomUUID() };
}

/** The public part only. */
function publicKey(key: JWK): JWK {
  const { kty, n, e, alg, kid } = key;
  return {
    ...(kty && { kty }),
    ...(n && { n }),
    ...(e && { e }),
    ...(alg && { alg }),
    ...(kid && { kid }),
    use: "sig",
  };
}

/**
 * What kubelet gets from the TokenRequest API for a projected service account token.
 * Source: Kubernetes, "Managing Service Accounts", bound tokens.
 */
export async function issueToken(cluster: Cluster, request: TokenRequest, now: number): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const { namespace, serviceAccount, audience, expirationSeconds } = request;
  const pod = request.podName ?? `${serviceAccount}-0`;
  return new SignJWT({
    "kubernetes.io": {
      namespace,
      serviceaccount: { name: serviceAccount, uid: crypto.randomUUID() },
      pod: { name: pod, uid: crypto.randomUUID() },
    },
  })
    .setProtectedHeader({ alg: "RS256", ...(cluster.signingKey.kid && { kid: cluster.signingKey.kid }) })
    .setIssuer(`https://${cluster.issuer}`)
    .setSubject(`system:serviceaccount:${namespace}:${serviceAccount}`)
    .setAudience([audience])
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + expirationSeconds)
    .setJti(crypto.randomUUID())
    .sign(await importJWK(cluster.signingKey, "RS256"));
}

/** The claims of a token that the cluster signed and that is valid now. @throws jose's errors */
export async function verifyToken(
  cluster: Cluster,
  token: string,
  now: number,
): Promise<ServiceAccountClaims> {
  const { payload } = await jwtVerify<ServiceAccountClaims>(
    token,
    await importJWK(publicKey(cluster.signingKey), "RS256"),
    {
      algorithms: ["RS256"],
      issuer: `https://${cluster.issuer}`,
      currentDate: new Date(now),
      requiredClaims: ["exp", "sub", "aud"],
    },
  );
  return payload;
}
