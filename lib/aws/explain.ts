import { type ClassifiedError, type ErrorKind, entryDenied } from "./errors.ts";

/** What the error is about; a CloudResource is one. */
export interface Subject {
  kind: string;
  accountId: string;
  key: string;
}

export interface Explanation {
  cause: string;
  nextStep: string;
}

interface Row {
  kind: ErrorKind;
  code?: RegExp;
  message?: RegExp;
  /** Milliseconds that were waited. */
  waited?(ms: number): boolean;
  named?: ClassifiedError["named"];
  /** `what` is the resource in words, e.g. "the role pay-api-1f2e in account 444455556666". */
  cause(what: string, error: ClassifiedError, subject: Subject): string;
  nextStep(what: string, error: ClassifiedError, subject: Subject): string;
}

/** Reports of IAM's delay reach about 40 s; Terraform's provider gives up after 2 minutes. */
const usuallyVisibleMs = 120_000;

function inWords(ms: number): string {
  return ms < usuallyVisibleMs ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}

const nouns: Record<string, string> = {
  "oidc-provider": "the OIDC provider",
  role: "the role",
  "role-policy": "the inline policy",
  "resource-policy-statements": "the statements in the policy of",
  "pod-identity-association": "the Pod Identity association of",
  cluster: "the cluster",
  boundary: "the permissions boundary",
};

/** The resource in words: the noun, the last part of its key, the account. */
function describeSubject(subject: Subject): string {
  const [arn = subject.key, detail = ""] = subject.key.split("#");
  if (subject.kind === "role-policy") {
    return `${nouns["role-policy"]} ${detail.replace("policy/", "")} of ${arn} in account ${subject.accountId}`;
  }
  const name =
    subject.kind === "resource-policy-statements" ? arn : arn.replace(/^arn:[^/]*:role\/(.*\/)?/, "");
  const label = nouns[subject.kind] ?? "";
  return `${label} ${name.replace(/^pod-identity-association:/, "")} in account ${subject.accountId}`.trim();
}

/** Whoever reads it: Drawbridge has tried again for minutes before it gave up. */
const retried = () =>
  "Retry: Drawbridge looks at what is there and goes on from it. If it lasts, look at the AWS Health Dashboard.";
const anotherTarget = (_what: string, _error: ClassifiedError, { accountId }: Subject) =>
  `Revoke this access: nothing of it is left in the bucket. If the data has moved, ask for access to a bucket that account ${accountId} has.`;
const askAdmin =
  "An administrator of the account has to look at it; the AWS request id below finds the call in CloudTrail.";

/** First match wins; the last row of each kind has neither code nor message, so every error has an explanation. */
const rows: readonly Row[] = [
  {
    kind: "throttled",
    cause: (_, { code }) => `AWS is refusing calls for a while because too many come in at once (${code}).`,
    nextStep: retried,
  },
  {
    kind: "not-found",
    code: /^NotFound$|^KMS\.|^Kms/,
    // S3 answers HEAD without a body, and so without words.
    message: /\b(key|alias|arn)\b/i,
    cause: (what) => `KMS does not know the key: ${what} is not there, or in another Region.`,
    nextStep: () =>
      "Ask the resource's owner which key encrypts it now, and whether the key was deleted; what a deleted key encrypted is lost.",
  },
  {
    kind: "not-found",
    code: /^NoSuchBucket$|^404$|^NotFound$/,
    cause: (what) => `The bucket is not there: ${what} can't be read or written.`,
    nextStep: () =>
      "Check the bucket's name in the request and whether it was deleted; then withdraw the request or make the bucket again.",
  },
  {
    kind: "not-found",
    code: /^BucketTaken$/,
    cause: (_, { message }) => message,
    nextStep: anotherTarget,
  },
  {
    kind: "not-found",
    code: /Queue/,
    cause: (what) => `The queue is not there: ${what} can't be read or written.`,
    nextStep: () =>
      "Check the queue's name, Region and account in the request; a queue deleted in the last 60 seconds is still settling.",
  },
  {
    kind: "not-found",
    message: /^Scope ARN/,
    cause: (what, { message }) =>
      `The account's permissions boundary is not there, and without it ${what} can't be changed: ${message}`,
    nextStep: (_what, _error, { accountId }) =>
      `Deploy the onboarding template again in account ${accountId}, which makes the boundary; then retry.`,
  },
  {
    kind: "not-found",
    cause: (what) => `AWS does not find ${what}, or something that it names.`,
    nextStep: () =>
      "Somebody may have deleted it outside Drawbridge. Compare the grant's plan with AWS and repair it from the grant's page.",
  },
  {
    kind: "already-exists",
    code: /^ForeignResource$/,
    message: /tagged as another workload's/,
    cause: (what, { message }) => `Drawbridge does not take away ${what}. ${message}`,
    nextStep: () =>
      "Ask the account's owner who has changed that tag. Have it put back, or delete by hand what bears it; a revocation then goes on by itself.",
  },
  {
    kind: "already-exists",
    code: /^ForeignResource$/,
    message: /has no bucket .* belongs to somebody else/,
    cause: (_, { message }) => `${message} Nothing was changed.`,
    nextStep: anotherTarget,
  },
  {
    kind: "already-exists",
    code: /^ForeignResource$/,
    cause: (_, { message }) => `${message} Nothing was changed.`,
    nextStep: () =>
      "Ask the account's owner whose it is. Rename or remove it there, or choose another access pattern in the request.",
  },
  {
    kind: "already-exists",
    cause: (what) => `AWS says that ${what} exists already.`,
    nextStep: retried,
  },
  {
    kind: "conflict",
    code: /^TrustDiffers$/,
    cause: (_, { message }) =>
      `${message} Somebody may have changed it while the run was on its way; nothing more was given to the role.`,
    nextStep: () =>
      "Retry: the trust policy is written anew first. If it is changed again, find out in CloudTrail by whom.",
  },
  {
    kind: "conflict",
    code: /^ConcurrentChange$/,
    cause: (_, { message }) => message,
    nextStep: () =>
      "Find out which pipeline writes this policy (CloudTrail: PutBucketPolicy, SetQueueAttributes), let it finish, and retry.",
  },
  {
    kind: "conflict",
    code: /^DeleteConflict$/,
    cause: (what) =>
      `Something was attached to ${what} while it was being removed. Its access policies are already gone.`,
    nextStep: () =>
      "Detach what was added (policies, instance profiles) from the role in IAM, then retry the removal.",
  },
  {
    kind: "conflict",
    cause: (what, { code }) => `Somebody else is changing ${what} at this moment (${code}).`,
    nextStep: retried,
  },
  {
    kind: "quota",
    message: /trust|AssumeRolePolicy|ACLSizePerRole/i,
    cause: (what) => `The trust policy of ${what} is larger than the account's quota allows.`,
    nextStep: () =>
      'Ask for a higher "Role trust policy length" in Service Quotas (IAM, us-east-1), or use a role of its own for this workload.',
  },
  {
    kind: "quota",
    code: /^PackedPolicyTooLarge$/,
    // The policy is made of one resource and one verb, whatever else is in the request; the tags come from outside.
    cause: (_, { message }) =>
      `The session policy that narrows this step, together with the session tags that the worker's own identity hands on, is larger than STS accepts: ${message}`,
    nextStep: () =>
      "Let the worker's own identity hand on fewer session tags: IRSA has none, and a Pod Identity association can be without them (disableSessionTags). Then retry.",
  },
  {
    kind: "quota",
    message: /maximum policy size of/i,
    cause: (what, { message }) =>
      `The inline policies of the role would be too large with ${what}: ${message}`,
    nextStep: () =>
      "AWS does not raise this limit. Revoke what the workload no longer needs, or ask for the access with a service account of its own.",
  },
  {
    kind: "quota",
    code: /^OverLimit$|^PolicyTooLarge$|^EntityTooLarge$/,
    cause: (what, { message }) => `The policy would be larger than AWS allows with ${what}: ${message}`,
    nextStep: () =>
      "AWS does not raise this limit. Ask the resource's owner to shorten the policy, or choose another access pattern in the request.",
  },
  {
    kind: "quota",
    // EKS: 1,000 associations a cluster.
    code: /^ResourceLimitExceeded$/,
    cause: (what, { message }) => `The cluster has no room for ${what}: ${message}`,
    nextStep: () =>
      "AWS does not raise this limit. Ask the cluster's owner to delete associations that nobody uses, or choose another access pattern in the request.",
  },
  {
    kind: "quota",
    cause: (what, { message }) => `A quota of the account stands in the way of ${what}: ${message}`,
    nextStep: (_what, _error, { accountId }) =>
      `Ask for a higher quota in Service Quotas of account ${accountId}, or remove what is no longer used; then retry.`,
  },
  {
    kind: "access-denied",
    code: /^HeldByInstanceProfile$/,
    cause: (what, { message }) =>
      `${message} IAM deletes no role that is in one, so ${what} is still there: without permissions, and with a Deny for the sessions that it had.`,
    nextStep: (_what, _error, { accountId }) =>
      `Ask an administrator of account ${accountId} to remove the role from it in IAM. A revocation then goes on by itself within minutes, or at once with Retry.`,
  },
  {
    kind: "access-denied",
    code: /^QueueRefused$/,
    cause: (_, { message }) => `${message} Nothing was changed.`,
    nextStep: () =>
      "Find what denies sqs:GetQueueUrl to Drawbridge's provisioner role (the queue's own policy, an SCP or RCP, the policy of a VPC endpoint) and ask its owner for an exception.",
  },
  {
    kind: "access-denied",
    message: /public polic|BlockPublicPolicy/i,
    cause: (what) => `Block Public Access refuses the policy with ${what}: as a whole it would be public.`,
    nextStep: () =>
      "Find the statement that makes the policy public (it is not Drawbridge's, which name one role) and narrow it.",
  },
  {
    kind: "access-denied",
    message: /no resource-based policy allows the kms:/,
    cause: (what) => `The key's own policy does not let Drawbridge's provisioner role look at ${what}.`,
    nextStep: () =>
      "Ask the key's owner to let the provisioner role call kms:DescribeKey and kms:GetKeyPolicy, in the key's policy.",
  },
  {
    kind: "access-denied",
    // The type of policy that denies is told: this one is on the provisioner role itself.
    message: /perform: iam:.* explicit deny in an identity-based policy/i,
    cause: (what, { message }) =>
      `The provisioner role's own policy forbids the call on ${what}: it writes a role only under the permissions boundary that it names. ${message}`,
    nextStep: (_what, _error, { accountId }) =>
      `Retry: the account's boundary is put back first. If that does not help, deploy the onboarding template again in account ${accountId}, as Drawbridge shows it now: it has to name the boundary that is registered.`,
  },
  {
    kind: "access-denied",
    message: /\b(VPC endpoint policy allows|in a VPC endpoint policy)/i,
    cause: (what, { message }) =>
      `The policy of the VPC endpoint through which Drawbridge calls AWS forbids the call on ${what}: ${message}`,
    nextStep: () =>
      "Ask who runs the network of Drawbridge's worker to let its provisioner roles make this call through the endpoint; then retry.",
  },
  {
    kind: "access-denied",
    message: /\b(permissions boundary allows|in a permissions boundary)/i,
    cause: (what, { message }) =>
      `The permissions boundary of the role that made the call does not allow it on ${what}: ${message}`,
    nextStep: () =>
      "Ask who put a permissions boundary on the role that the message names, Drawbridge's own, to allow the call in it. The onboarding template puts none there.",
  },
  {
    kind: "access-denied",
    message: /explicit deny|service control policy|resource control policy/i,
    cause: (what, { message }) =>
      `A policy of the organisation or account forbids the call on ${what}: ${message}`,
    nextStep: () =>
      "Ask who owns that policy (an SCP, an RCP or an explicit Deny) for an exception for Drawbridge's provisioner role.",
  },
  {
    kind: "access-denied",
    message: entryDenied,
    cause: (what, error, { kind, accountId }) =>
      `Drawbridge may not assume its provisioner role ${kind === "account" ? `in account ${accountId}` : `to get at ${what}`}: ${error.message}`,
    nextStep: () =>
      "Compare the role's trust policy and ExternalId with the account's onboarding page, and redeploy the onboarding template.",
  },
  {
    kind: "access-denied",
    code: /^CredentialsProviderError$/,
    cause: () => "The worker found no AWS credentials of its own.",
    nextStep: () =>
      "Give the worker's pod an identity (Pod Identity, IRSA or an instance role) and restart it.",
  },
  {
    kind: "access-denied",
    code: /Token|Signature|AccessKey|Client|RequestExpired/,
    cause: (_, { code }) =>
      `AWS does not accept the worker's credentials (${code}): expired, revoked, or its clock is wrong.`,
    nextStep: () =>
      "Check the worker's identity and its clock; Drawbridge asks for a new session at the next attempt.",
  },
  {
    kind: "access-denied",
    code: /^RegionDisabled$|^OptInRequired$/,
    cause: (_what, _error, { accountId }) => `The Region is not enabled in account ${accountId}.`,
    nextStep: () =>
      "Enable the opt-in Region in the account's settings, or choose a resource in another Region.",
  },
  {
    kind: "access-denied",
    code: /^403$|^Forbidden$|^MethodNotAllowed$/,
    cause: (what) =>
      `AWS refuses access to ${what}: it belongs to another account, or the provisioner role may not use it.`,
    nextStep: () =>
      "Check that the account in the request owns the resource, then the provisioner role's policy.",
  },
  {
    kind: "access-denied",
    cause: (what, { message }) => `The provisioner role is not allowed this call on ${what}: ${message}`,
    nextStep: (_what, _error, { accountId }) =>
      `Redeploy the onboarding template in account ${accountId}; if the message names an organisation policy, ask its owner.`,
  },
  {
    kind: "not-yet-visible",
    code: /^NotSettled$/,
    cause: (_, { message }) => message,
    nextStep: () => "Retry in a few minutes: by then AWS shows everywhere what was written.",
  },
  {
    kind: "not-yet-visible",
    message: /trust policy of the role provided is invalid/i,
    cause: (what, { message }) =>
      `EKS does not accept the trust policy of the role that ${what} names: just written and not yet seen by EKS, or changed by somebody. ${message}`,
    nextStep: () =>
      "Retry in a few minutes. If it stays, look at the role's trust policy in IAM: it has to let pods.eks.amazonaws.com call sts:AssumeRole and sts:TagSession.",
  },
  {
    kind: "not-yet-visible",
    named: "present",
    cause: (what, { message, waitedMs = 0 }) =>
      `${what} names a role that IAM shows, and that the service has not known for ${inWords(waitedMs)}. That it is not yet visible there is likelier than that it does not exist. ${message}`,
    nextStep: () =>
      "Retry in a few minutes. If it stays, somebody may have deleted the role and made it again under the same name just now.",
  },
  {
    kind: "not-yet-visible",
    named: "absent",
    cause: (what, { message, waitedMs = 0 }) =>
      `${what} names a role that AWS has not known for ${inWords(waitedMs)}, and that IAM does not show either. That it does not exist, since somebody deleted it, is likelier than that it is not yet visible. ${message}`,
    nextStep: () => "Retry: the role is made again. If it is deleted again, find out in CloudTrail by whom.",
  },
  {
    kind: "not-yet-visible",
    waited: (ms) => ms < usuallyVisibleMs,
    cause: (what, { message, waitedMs = 0 }) =>
      `${what} names a role that AWS has not known for ${inWords(waitedMs)}. That it is not yet visible is likelier than that it does not exist. ${message}`,
    nextStep: () =>
      "Retry in a minute: new roles are seen everywhere within seconds, at times within a minute.",
  },
  {
    kind: "not-yet-visible",
    waited: (ms) => ms >= usuallyVisibleMs,
    cause: (what, { message, waitedMs = 0 }) =>
      `${what} names a role that AWS has not known for ${inWords(waitedMs)}. That it does not exist, deleted or misspelt, is likelier than that it is not yet visible. ${message}`,
    nextStep: () =>
      "Check in IAM that the role named in the plan exists under exactly that ARN. If somebody deleted it, retry: it is made again.",
  },
  {
    kind: "not-yet-visible",
    cause: (what, { message }) =>
      `${what} names a role that AWS does not know: just made and not yet visible, deleted, or misspelt. ${message}`,
    nextStep: () =>
      "Retry in a minute. If it stays, check in IAM that the role named in the plan exists under exactly that ARN.",
  },
  {
    kind: "invalid",
    code: /^DanglingPrincipal$/,
    cause: (_, { message }) => `${message} AWS accepts no change to a policy that holds such a statement.`,
    nextStep: () =>
      "Ask the resource's owner to remove or mend that statement; Drawbridge never drops what others wrote. Then retry.",
  },
  {
    kind: "invalid",
    code: /^UnreadableDocument$/,
    cause: (_, { message }) =>
      `${message} Writing it back could lose what others put there, so nothing was changed.`,
    nextStep: () => "Ask the resource's owner to save the policy anew in the console, then retry.",
  },
  {
    kind: "invalid",
    message: /cross-account pass role/i,
    cause: (what) =>
      `${what} names a role of another account: an association's own role must be in the cluster's account.`,
    nextStep: () => "Use a role in the cluster's account, with the other account's role as the target role.",
  },
  {
    kind: "invalid",
    code: /^(KMS\.|Kms)?(KMS)?(Disabled|InvalidState)$/,
    cause: (what, { message }) => `The KMS key of ${what} can't be used as it is: ${message}`,
    nextStep: () => "Ask the key's owner to enable it, or to cancel its deletion; then retry.",
  },
  {
    kind: "invalid",
    code: /^UnmodifiableEntity$/,
    cause: (what) => `${what} belongs to an AWS service and can't be changed by others.`,
    nextStep: () => "Choose another name or pattern in the request.",
  },
  {
    kind: "invalid",
    code: /^PermanentRedirect$|^301$|^AuthorizationHeaderMalformed$|^IllegalLocationConstraint$/,
    cause: (what) => `${what}: the bucket is in another Region than the inventory says.`,
    nextStep: () => "Sync the account's inventory and submit the request again.",
  },
  {
    kind: "invalid",
    code: /^MalformedPolicy/,
    cause: (what, { message }) => `AWS does not accept the policy document of ${what}: ${message}`,
    nextStep: () =>
      "If the message points at a statement that is not Drawbridge's, its owner has to mend it; otherwise report it with the request id.",
  },
  {
    kind: "invalid",
    cause: (what, { code, message }) => `AWS does not accept what was asked of ${what} (${code}): ${message}`,
    nextStep: () => askAdmin,
  },
  {
    kind: "transient",
    code: /^SessionOver$/,
    cause: (what, _error, { accountId }) =>
      `The turn of ${what} to call AWS did not come in time: too many calls wait for account ${accountId}. AWS was not asked.`,
    nextStep: () =>
      "Retry when fewer runs are on their way; limits that AWS has lowered come back by themselves.",
  },
  {
    kind: "transient",
    code: /^OpenIdIdpCommunicationError$|^IDPCommunicationError$|^InvalidIdentityToken$/,
    cause: (what, { message }) =>
      `AWS did not reach the OIDC issuer of the cluster that it needs for ${what}: ${message}`,
    nextStep: () =>
      "Retry in a few minutes. If it lasts, check that the cluster is still there and that its issuer answers on the internet.",
  },
  {
    kind: "transient",
    cause: (_, { code }) =>
      `AWS did not answer properly (${code}); the call may have had its effect all the same.`,
    nextStep: () =>
      "Retry: Drawbridge looks at what is there and goes on from it. If it lasts, check the network and the AWS Health Dashboard.",
  },
  {
    kind: "unknown",
    cause: (what, { code, message }) =>
      `An error that Drawbridge does not know, at ${what} (${code}): ${message}`,
    nextStep: () => askAdmin,
  },
];

function matches(row: Row, error: ClassifiedError): boolean {
  return (
    row.kind === error.kind &&
    (row.code?.test(error.code) ?? true) &&
    (row.message?.test(error.message) ?? true) &&
    (row.named === undefined || row.named === error.named) &&
    (row.waited === undefined || (error.waitedMs !== undefined && row.waited(error.waitedMs)))
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The error in plain words: why, and what a person can do now. */
export function explain(error: ClassifiedError, subject: Subject): Explanation {
  const what = describeSubject(subject);
  const row = rows.find((candidate) => matches(candidate, error));
  return {
    cause: capitalised(row?.cause(what, error, subject) ?? error.message),
    nextStep: capitalised(row?.nextStep(what, error, subject) ?? askAdmin),
  };
}
