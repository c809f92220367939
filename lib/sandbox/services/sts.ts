import * as sts from "@aws-sdk/client-sts";
import { decodeJwt, type JWTPayload, errors as joseErrors } from "jose";
import { assume, audiences } from "../assume.ts";
import { federatedCaller, sessionArnOf } from "../callers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { Cluster, OidcProvider, Session } from "../state.ts";
import { verifyToken } from "../tokens.ts";
import { AwsError } from "../wire/error.ts";

function credentials(session: Session): sts.Credentials {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiresAt),
  };
}

function assumedRoleUser(session: Session): sts.AssumedRoleUser {
  return { AssumedRoleId: `${session.roleId}:${session.sessionName}`, Arn: sessionArnOf(session) };
}

function assumeRole(call: Call, input: sts.AssumeRoleCommandInput): Output<sts.AssumeRoleCommandOutput> {
  const tags = (input.Tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]);
  const session = assume(call.sandbox, call.caller, call.facts, {
    action: "sts:AssumeRole",
    roleArn: input.RoleArn ?? "",
    sessionName: input.RoleSessionName ?? "",
    durationSeconds: input.DurationSeconds ?? 3600,
    tags: Object.fromEntries(tags),
    transitiveTagKeys: input.TransitiveTagKeys ?? [],
    externalId: input.ExternalId,
    sourceIdentity: input.SourceIdentity,
    policy: input.Policy,
    policyArns: (input.PolicyArns ?? []).map((one) => one.arn ?? ""),
  });
  return {
    Credentials: credentials(session),
    AssumedRoleUser: assumedRoleUser(session),
    ...(session.sourceIdentity && { SourceIdentity: session.sourceIdentity }),
  };
}

async function assumeRoleWithWebIdentity(
  call: Call,
  input: sts.AssumeRoleWithWebIdentityCommandInput,
): Promise<Output<sts.AssumeRoleWithWebIdentityCommandOutput>> {
  const roleArn = input.RoleArn ?? "";
  const { provider, claims } = await verifiedClaims(call, roleArn, input.WebIdentityToken ?? "");
  const session = assume(call.sandbox, federatedCaller(provider.arn), call.facts, {
    action: "sts:AssumeRoleWithWebIdentity",
    roleArn,
    sessionName: input.RoleSessionName ?? "",
    durationSeconds: input.DurationSeconds ?? 3600,
    tags: {},
    transitiveTagKeys: [],
    policy: input.Policy,
    policyArns: (input.PolicyArns ?? []).map((one) => one.arn ?? ""),
    federatedProvider: provider.arn,
    context: { ...claimContext(provider.issuer, claims), "aws:FederatedProvider": provider.arn },
  });
  return {
    Credentials: credentials(session),
    AssumedRoleUser: assumedRoleUser(session),
    Provider: provider.arn,
    SubjectFromWebIdentityToken: claims.sub,
    Audience: audiences(claims.aud)[0],
  };
}

/** The claims of a token as condition keys. Source: IAM User Guide, "Available keys for AWS OIDC federation". */
function claimContext(issuer: string, claims: JWTPayload): Record<string, string | string[]> {
  const { aud, sub, amr } = claims;
  const [only, ...more] = audiences(aud);
  return {
    ...(only !== undefined && { [`${issuer}:aud`]: more.length > 0 ? [only, ...more] : only }),
    ...(sub !== undefined && { [`${issuer}:sub`]: sub }),
    ...(Array.isArray(amr) && { [`${issuer}:amr`]: amr.map(String) }),
  };
}

/**
 * What STS checks before it looks at any policy: a provider for the issuer in the *role's* account, the
 * signature by the issuer's keys, the times, and that the audience is one of the provider's client ids.
 */
async function verifiedClaims(
  call: Call,
  roleArn: string,
  token: string,
): Promise<{ provider: OidcProvider; claims: JWTPayload }> {
  const issuer = issuerOf(token);
  const [, partition, accountId] = /^arn:([^:]+):iam::(\d{12}):/.exec(roleArn) ?? [];
  const arn = `arn:${partition}:iam::${accountId}:oidc-provider/${issuer}`;
  const provider = call.sandbox.account(accountId ?? "")?.providers[arn];
  if (!provider) {
    throw identityError(`No OpenIDConnect provider found in your account for https://${issuer}`);
  }
  const cluster = clusterOf(call, issuer);
  if (!cluster) {
    throw identityError(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  const claims = await verify(cluster, token, call.now);
  if (!audiences(claims.aud).some((audience) => provider.clientIds.includes(audience))) {
    throw identityError("Incorrect token audience");
  }
  return { provider, claims };
}

function identityError(message: string): AwsError {
  return new AwsError("InvalidIdentityToken", message);
}

function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (iss?.startsWith("https://")) return iss.slice("https://".length);
  } catch {
    // Not a JWT at all: the same answer as for one without an issuer.
  }
  throw identityError(
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
  );
}

function clusterOf(call: Call, issuer: string): Cluster | undefined {
  return Object.values(call.sandbox.state.accounts)
    .flatMap((account) => Object.values(account.clusters))
    .find((cluster) => cluster.issuer === issuer);
}

async function verify(cluster: Cluster, token: string, now: number): Promise<JWTPayload> {
  try {
    return await verifyToken(cluster, token, now);
  } catch (error) {
    if (error instanceof joseErrors.JWTExpired) {
      const expired = new Date(Number(error.payload.exp) * 1000).toISOString();
      throw new AwsError(
        "ExpiredTokenException",
        `Token expired: current date/time ${new Date(now).toISOString()} must be before the expiration date/time ${expired}`,
      );
    }
    if (error instanceof joseErrors.JOSEError) throw identityError("Invalid token");
    throw error;
  }
}

export const stsOperations: Operation[] = [
  // Who may assume a role is decided on the role's trust policy together with the caller's policies, in assume.ts.
  operation(sts.AssumeRole$, { access: () => [], handle: assumeRole }),
  operation(sts.AssumeRoleWithWebIdentity$, { access: () => [], handle: assumeRoleWithWebIdentity }),
  operation(sts.GetCallerIdentity$, {
    // "No permissions are required to perform this operation" (STS API Reference), not even past an explicit deny.
    access: () => [],
    handle: ({ caller }): Output<sts.GetCallerIdentityCommandOutput> => {
      if (caller.kind === "outside") {
        throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
      }
      const UserId =
        caller.kind === "user" ? caller.user.id : `${caller.session.roleId}:${caller.session.sessionName}`;
      return { Account: caller.accountId, Arn: caller.arn, UserId };
    },
  }),
];
