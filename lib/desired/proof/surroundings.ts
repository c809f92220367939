import type { Surroundings } from "#lib/policy/path.ts";

/**
 * What is known of a call beside its documents: the time, and that it uses TLS and comes from no AWS service. All else
 * nobody knows before it is made: where it comes from, which organisations take part, what the application sends. Only
 * keys that AWS says such a call never has are absent.
 *
 * Source: IAM User Guide, "AWS global condition context keys", availability of each key.
 */

/** Keys that only calls by way of a service have. */
const ofServices = [
  "aws:CalledVia*",
  "aws:PrincipalServiceName*",
  "aws:SourceAccount",
  "aws:SourceArn",
  "aws:SourceOrg*",
];

/** Who calls: a pod, by a session on a role; a person, with credentials of their own; nobody that AWS knows. */
export type CallerKind = "pod" | "person" | "nobody";

/** Known where a pod's session has any. */
const ofSession = ["aws:PrincipalTag/*", "aws:SourceIdentity", "aws:FederatedProvider", "aws:username"];

const absent: Record<CallerKind, string[]> = {
  pod: [...ofServices, ...ofSession],
  person: ofServices,
  // `aws:userid` and `aws:PrincipalType` are in "all requests, including anonymous requests", with values that AWS
  // does not give.
  nobody: [
    ...ofServices,
    ...ofSession,
    "aws:PrincipalArn",
    "aws:PrincipalOrg*",
    "aws:PrincipalIsAWSService",
    "aws:MultiFactorAuth*",
    "aws:TokenIssueTime",
  ],
};

function known(now: string, isSigned: boolean): Surroundings["context"] {
  return {
    "aws:CurrentTime": now,
    "aws:EpochTime": String(Math.floor(Date.parse(now) / 1000)),
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
    // "Anonymous requests do not include this key."
    ...(isSigned ? { "aws:PrincipalIsAWSService": "false" } : {}),
  };
}

/**
 * Who opens a session: with a token, as the Pod Identity agent, from a session of the workload or of somebody else, or
 * with credentials.
 */
export type Opener = "token" | "agent" | "workload" | "session" | "person";

/** The claims of tokens, known where there is one, and the role's tags, known where it has any. */
const ofTokenAndRole = ["*:aud", "*:sub", "*:amr", "aws:ResourceTag/*", "iam:ResourceTag/*"];

/** What a caller of AssumeRole may send along. The workload sends what it was told to; others whatever helps. */
const ofCaller = [
  "sts:ExternalId",
  "sts:SourceIdentity",
  "sts:TransitiveTagKeys",
  "aws:TagKeys",
  "aws:RequestTag/*",
];

const absentOpening: Record<Opener, string[]> = {
  // The call is not signed, so that it has none of the keys of "all signed requests" or of temporary credentials.
  token: [
    ...ofServices,
    ...ofCaller,
    ...ofSession,
    "aws:PrincipalArn",
    "aws:PrincipalOrg*",
    "aws:MultiFactorAuth*",
    "aws:TokenIssueTime",
  ],
  // EKS may say for whom it calls: aws:SourceArn, aws:SourceAccount and what follows from them.
  agent: [...ofCaller, ...ofSession, "aws:CalledVia*"],
  workload: [...ofServices, ...ofCaller, ...ofSession],
  session: [...ofServices, ...ofSession],
  person: ofServices,
};

/** Of a call that opens a session. */
export function ofAssuming(now: string, by: Opener): Surroundings {
  return {
    context: known(now, by !== "token"),
    unknownKeys: ["*"],
    absentKeys: [...ofTokenAndRole, ...absentOpening[by]],
    possibleValues: by === "workload" || by === "session" ? issued(now) : {},
  };
}

/** Of a call on the target or its key: the application may send anything that the service has a key for. */
export function ofUsing(now: string, by: CallerKind): Surroundings {
  return {
    context: known(now, by !== "nobody"),
    unknownKeys: ["*"],
    absentKeys: absent[by],
    possibleValues: by === "pod" ? issued(now) : {},
  };
}

/**
 * A session in use is at most twelve hours old.
 *
 * Source: IAM User Guide, "Update the maximum session duration for a role".
 */
function issued(now: string): Record<string, string[]> {
  const earliest = new Date(Date.parse(now) - 12 * 3_600_000).toISOString();
  return { "aws:TokenIssueTime": [earliest, now] };
}
