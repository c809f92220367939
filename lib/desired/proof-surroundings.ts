import type { Surroundings } from "#lib/policy/path.ts";

/**
 * What is known of a call beside its documents: the time, and that it uses TLS and comes from no AWS service. All else
 * nobody knows before it is made: where it comes from, which organisations take part, what the application sends. Only
 * keys that AWS says such a call never has are absent.
 *
 * Source: IAM User Guide, "AWS global condition context keys", availability of each key.
 */

const network = [
  "aws:SourceIp",
  "aws:SourceVpc*",
  "aws:VpcSourceIp",
  "aws:UserAgent",
  "aws:Referer",
  "aws:RequestedRegion",
  "aws:PrincipalOrg*",
  "aws:ResourceOrg*",
];

/** Keys that only calls by way of a service have. */
const ofServices = [
  "aws:CalledVia*",
  "aws:PrincipalServiceName*",
  "aws:SourceAccount",
  "aws:SourceArn",
  "aws:SourceOrg*",
];

/** What a person may bring, and a pod does not. */
const ofPeople = ["aws:PrincipalTag/*", "aws:MultiFactorAuth*", "aws:SourceIdentity"];

/** Who calls: a pod, by a session on a role; a person, with credentials of their own; nobody that AWS knows. */
export type CallerKind = "pod" | "person" | "nobody";

const absent: Record<CallerKind, string[]> = {
  pod: [...ofServices, ...ofPeople, "aws:FederatedProvider", "aws:username"],
  person: ofServices,
  // `aws:userid` and `aws:PrincipalType` are in "all requests, including anonymous requests", with values that AWS
  // does not give.
  nobody: [
    ...ofServices,
    "aws:PrincipalArn",
    "aws:PrincipalOrg*",
    ...ofPeople,
    "aws:PrincipalIsAWSService",
    "aws:FederatedProvider",
    "aws:TokenIssueTime",
    "aws:username",
  ],
};

function known(now: string, by: CallerKind): Surroundings["context"] {
  return {
    "aws:CurrentTime": now,
    "aws:EpochTime": String(Math.floor(Date.parse(now) / 1000)),
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
    // "Anonymous requests do not include this key."
    ...(by === "nobody" ? {} : { "aws:PrincipalIsAWSService": "false" }),
  };
}

/** Of a call that opens a session: all keys but the network's follow from the token, the tags and the caller. */
export function ofAssuming(now: string, by: CallerKind): Surroundings {
  return { context: known(now, by), unknownKeys: by === "person" ? [...network, ...ofPeople] : network };
}

/** Of a call on the target or its key: the application may send anything that the service has a key for. */
export function ofUsing(now: string, by: CallerKind): Surroundings {
  return { context: known(now, by), unknownKeys: ["*"], absentKeys: absent[by], possibleValues: tls };
}

/** "TLS 1.2 is the minimum for all AWS API endpoints" (AWS Security Blog, 2024); S3 takes 1.3 as well. */
const tls = { "s3:TlsVersion": ["1.2", "1.3"] };
