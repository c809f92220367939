/**
 * What went wrong, as data. AWS names the same thing differently in each service and protocol, and the SDK adds
 * names of its own; this table is the only place that knows them. The worker decides by `kind` alone.
 *
 * Sources: the error lists of the IAM, STS, EKS, S3, SQS and KMS API references; names as SDK v3 spells them
 * (modelled errors end in "Exception", unmodelled ones keep the bare code, e.g. `Throttling`, `AccessDenied`).
 */

export const errorKinds = [
  "throttled",
  "not-found",
  "already-exists",
  "conflict",
  "quota",
  "access-denied",
  "not-yet-visible",
  "invalid",
  "transient",
  "unknown",
] as const;
export type ErrorKind = (typeof errorKinds)[number];

export interface ClassifiedError {
  kind: ErrorKind;
  /** AWS's code without the SDK's "Exception" suffix, or the name of an error of ours. */
  code: string;
  message: string;
  requestId?: string;
  /** Milliseconds that were waited for what is not yet visible. */
  waitedMs?: number;
  /** Whether the role that is not known was there in IAM when it was looked for; absent: nobody looked. */
  named?: "present" | "absent";
}

/** An error that lib/aws itself raises: its kind is known where it is thrown. */
export abstract class AwsStateError extends Error {
  abstract readonly kind: ErrorKind;
}

/** Something of that name exists and does not carry our path and tag: nothing was written. Waiting mends nothing. */
export class ForeignResourceError extends AwsStateError {
  override readonly name = "ForeignResource";
  readonly kind = "already-exists";
}

/** Of a bucket that the account has no longer, or never had: somebody else has one of its name. */
export class BucketTakenError extends AwsStateError {
  override readonly name = "BucketTaken";
  readonly kind = "not-found";
}

/** SQS says of a queue that it may not be there, and the account's list of queues has it. */
export class QueueRefusedError extends AwsStateError {
  override readonly name = "QueueRefused";
  readonly kind = "access-denied";
}

/** A statement that is not ours names a deleted principal (`AROA…`, `AIDA…`): AWS refuses the whole document. */
export class DanglingPrincipalError extends AwsStateError {
  override readonly name = "DanglingPrincipal";
  readonly kind = "invalid";
  /** Of which grants the statements are, where they are dead ones with a Sid of ours; undefined: one is not. */
  readonly grants: readonly (string | undefined)[];

  constructor(message: string, grants: readonly (string | undefined)[] = [undefined]) {
    super(message);
    this.grants = grants;
  }
}

/** Others change the same policy: they kept doing so while we merged into it, or did since it was looked at. */
export class ConcurrentChangeError extends AwsStateError {
  override readonly name = "ConcurrentChange";
  readonly kind = "conflict";
}

/** The document in AWS is not one that we can merge into without losing something. */
export class UnreadableDocumentError extends AwsStateError {
  override readonly name = "UnreadableDocument";
  readonly kind = "invalid";
}

/** A principal that we just made, or that was misspelt, stayed unknown to AWS until the deadline. */
export class NotVisibleError extends AwsStateError {
  override readonly name = "NotVisible";
  readonly kind = "not-yet-visible";
  /** Milliseconds that it was waited for, where it was. */
  readonly waitedMs: number | undefined;

  constructor(message: string, waitedMs?: number) {
    super(message);
    this.waitedMs = waitedMs;
  }
}

/** A role lets in others than were approved: it is given nothing until that is mended, or seen to be. */
export class TrustDiffersError extends AwsStateError {
  override readonly name = "TrustDiffers";
  readonly kind = "conflict";
}

/** Instance profiles that we may not change hold a role that is to go. */
export class HeldByInstanceProfileError extends AwsStateError {
  override readonly name = "HeldByInstanceProfile";
  readonly kind = "access-denied";
}

/** A session that only lasts for one step is about to end: the attempt begins anew with another. */
export class SessionOverError extends AwsStateError {
  override readonly name = "SessionOver";
  readonly kind = "transient";
}

/** What was read may be older than what we wrote ourselves: waiting shows. */
export class NotSettledError extends AwsStateError {
  override readonly name = "NotSettled";
  readonly kind = "not-yet-visible";
}

interface Rule {
  kind: ErrorKind;
  codes: readonly string[];
  /** When given, the message must match too. */
  message?: RegExp;
}

/** First match wins: the rules that look at the message stand before those of the bare code. */
const rules: readonly Rule[] = [
  {
    kind: "not-yet-visible",
    codes: ["MalformedPolicyDocument", "MalformedPolicy", "InvalidInput"],
    message: /invalid principal/i,
  },
  // SQS does not say which part of the policy it dislikes; an unknown principal is the one that passes by itself.
  { kind: "not-yet-visible", codes: ["InvalidAttributeValue"], message: /parameter policy/i },
  {
    kind: "not-yet-visible",
    codes: ["InvalidParameter", "InvalidRequest"],
    // The second: EKS looks at the trust policy too, and sees one that was just written as late as the role.
    message: /role provided in the request does not exist|trust policy of the role provided is invalid/i,
  },
  { kind: "invalid", codes: ["AccessDenied"], message: /cross-account pass role/i },
  { kind: "already-exists", codes: ["ResourceInUse"], message: /association/i },
  { kind: "not-found", codes: ["InvalidParameter"], message: /no cluster found/i },
  // STS did not get the keys of the worker's own issuer in time; the token itself is not at fault.
  { kind: "transient", codes: ["InvalidIdentityToken"], message: /retrieve verification key/i },
  {
    kind: "throttled",
    codes: [
      "Throttling",
      "Throttled",
      "TooManyRequests",
      "RequestLimitExceeded",
      "RequestThrottled",
      "SlowDown",
      "BandwidthLimitExceeded",
      "EC2Throttled",
      "KmsThrottled",
    ],
  },
  {
    kind: "not-found",
    codes: [
      "NoSuchEntity",
      "NoSuchBucket",
      "NoSuchBucketPolicy",
      "NoSuchTagSet",
      "NoSuchKey",
      "NotFound",
      "404",
      "ResourceNotFound",
      "QueueDoesNotExist",
      "AWS.SimpleQueueService.NonExistentQueue",
      "NonExistentQueue",
      "ServerSideEncryptionConfigurationNotFoundError",
      "NoSuchPublicAccessBlockConfiguration",
      "OwnershipControlsNotFoundError",
      "KMS.NotFound",
      "KmsNotFound",
    ],
  },
  {
    kind: "already-exists",
    codes: ["EntityAlreadyExists", "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "QueueNameExists"],
  },
  {
    kind: "conflict",
    codes: [
      "ConcurrentModification",
      "DeleteConflict",
      "EntityTemporarilyUnmodifiable",
      "OperationAborted",
      "ResourceInUse",
      "QueueDeletedRecently",
      "Conflict",
    ],
  },
  {
    kind: "quota",
    codes: [
      "LimitExceeded",
      "ResourceLimitExceeded",
      "OverLimit",
      "PackedPolicyTooLarge",
      "PolicyTooLarge",
      "EntityTooLarge",
    ],
  },
  {
    kind: "access-denied",
    codes: [
      "AccessDenied",
      "AllAccessDisabled",
      "Forbidden",
      "403",
      "InvalidClientTokenId",
      "UnrecognizedClient",
      "InvalidAccessKeyId",
      "SignatureDoesNotMatch",
      "InvalidSignature",
      "InvalidToken",
      "InvalidIdentityToken",
      "ExpiredToken",
      "RequestExpired",
      "RegionDisabled",
      "CredentialsProviderError",
      "MissingAuthenticationToken",
      "UnauthorizedOperation",
      "NotAuthorized",
      "KmsAccessDenied",
      "KmsOptInRequired",
      "OptInRequired",
      "MethodNotAllowed",
    ],
  },
  {
    kind: "invalid",
    codes: [
      "MalformedPolicyDocument",
      "MalformedPolicy",
      "InvalidInput",
      "InvalidParameter",
      "InvalidParameterValue",
      "InvalidParameterCombination",
      "InvalidRequest",
      "InvalidAttributeName",
      "InvalidAttributeValue",
      "InvalidBucketName",
      "InvalidBucketState",
      "InvalidSecurity",
      "InvalidAddress",
      "InvalidArn",
      // A key in a state that does not allow the call stays so until somebody acts.
      "Disabled",
      "KMSInvalidState",
      "KMS.Disabled",
      "KMS.KMSInvalidState",
      "KmsDisabled",
      "KmsInvalidKeyUsage",
      "KmsInvalidState",
      "UnsupportedOperation",
      "UnknownOperation",
      "InvalidAction",
      "NotImplemented",
      "MissingParameter",
      "MalformedXML",
      "Serialization",
      "AccessControlListNotSupported",
      "ReceiptHandleIsInvalid",
      "UnmodifiableEntity",
      "PolicyNotAttachable",
      "PermanentRedirect",
      // The same, to HEAD, which has no body to say it in.
      "301",
      "AuthorizationHeaderMalformed",
      "IllegalLocationConstraint",
      "ValidationError",
      "Validation",
      "BadRequest",
      "400",
      "Client",
    ],
  },
  {
    kind: "transient",
    codes: [
      "ServiceFailure",
      "ServiceUnavailable",
      "InternalFailure",
      "InternalError",
      "InternalServerError",
      "KMSInternal",
      "DependencyTimeout",
      // IAM or STS did not reach the issuer: told with 400, and passes ("often a transient error", API Reference).
      "OpenIdIdpCommunicationError",
      "IDPCommunicationError",
      "KeyUnavailable",
      "Server",
      "Timeout",
      "TimeoutError",
      "RequestTimeout",
      "RequestTimeTooSkewed",
      "NetworkingError",
      "ECONNRESET",
      "ECONNREFUSED",
      "EPIPE",
      "ETIMEDOUT",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "ENOTFOUND",
      "EAI_AGAIN",
      "502",
      "503",
      "504",
    ],
  },
];

const byStatus: Record<number, ErrorKind> = {
  400: "invalid",
  401: "access-denied",
  403: "access-denied",
  404: "not-found",
  409: "conflict",
  429: "throttled",
  500: "transient",
  502: "transient",
  503: "transient",
  504: "transient",
};

/** The parts of an SDK or Node error that this module reads; none is certain to be there. */
interface ErrorParts {
  name?: unknown;
  Code?: unknown;
  code?: unknown;
  message?: unknown;
  $metadata?: { requestId?: unknown; httpStatusCode?: unknown };
}

const opaqueNames = new Set(["Error", "UnknownError", "Unknown", "AggregateError"]);

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** AWS's bare code: SDK v3's `EntityAlreadyExistsException` and the wire's `EntityAlreadyExists` become one. */
function codeOf(parts: ErrorParts): string | undefined {
  const name = text(parts.name);
  const own = name !== undefined && !opaqueNames.has(name) ? name : undefined;
  const code = own ?? text(parts.Code) ?? text(parts.code);
  return code?.replace(/Exception$/, "");
}

/** What kind of error it is. Never throws; what nobody foresaw is `unknown`. */
export function classify(error: unknown): ClassifiedError {
  const parts: ErrorParts = typeof error === "object" && error !== null ? error : { message: String(error) };
  const message = text(parts.message) ?? "no message";
  if (error instanceof AwsStateError) {
    const waitedMs = error instanceof NotVisibleError ? error.waitedMs : undefined;
    return { kind: error.kind, code: error.name, message, ...(waitedMs === undefined ? {} : { waitedMs }) };
  }
  const status = parts.$metadata?.httpStatusCode;
  const code = codeOf(parts) ?? (typeof status === "number" ? String(status) : "Unknown");
  const requestId = text(parts.$metadata?.requestId);
  const rule = rules.find((row) => row.codes.includes(code) && (row.message?.test(message) ?? true));
  const kind = rule?.kind ?? (typeof status === "number" ? byStatus[status] : undefined) ?? "unknown";
  return { kind, code, message, ...(requestId === undefined ? {} : { requestId }) };
}

const retryableKinds: Record<ErrorKind, boolean> = {
  throttled: true,
  transient: true,
  conflict: true,
  "not-yet-visible": true,
  "not-found": false,
  "already-exists": false,
  quota: false,
  "access-denied": false,
  invalid: false,
  unknown: false,
};

/** Whether the same call may succeed later without anybody changing anything. */
export function retryable(kind: ErrorKind): boolean {
  return retryableKinds[kind];
}

/** Whether an error is one of these kinds: for the calls where that is an answer, e.g. not found on delete. */
export function isKind(error: unknown, ...kinds: ErrorKind[]): boolean {
  return kinds.includes(classify(error).kind);
}

/** How AWS says that nobody may enter the account as the provisioner. */
export const entryDenied = /sts:AssumeRole|sts:SetSourceIdentity|sts:TagSession/;
